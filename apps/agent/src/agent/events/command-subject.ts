import type { Verb } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import type { NewEvent } from './new-event.ts';

type About = Pick<NewEvent, 'subject' | 'id' | 'name' | 'group'>;

const LONGEST = 256;

/** What a command is about, as far as its arguments say, which may be anything at all. */
export function commandSubject(verb: Verb, input: unknown, registry: Registry): About {
  const args = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const word = (name: string): string | null => {
    const value = args[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : null;
  };
  const family = verb.split('.', 1)[0];
  switch (family) {
    case 'container': {
      const ref = word('container');
      const view = ref === null ? undefined : find(registry, ref);
      return {
        subject: 'container',
        id: view?.id ?? null,
        name: view?.name ?? ref ?? word('name'),
        group: view?.group ?? word('group'),
      };
    }
    case 'group':
      return { subject: 'group', id: word('group'), name: word('group'), group: word('group') };
    case 'image':
    case 'volume':
      return { subject: family, id: word('name'), name: word('name'), group: null };
    case 'kernel':
      return { subject: 'cgroup', id: word('path'), name: word('path'), group: null };
    case 'alert':
      return { subject: 'alert', id: null, name: word('rule') ?? word('name'), group: null };
    case 'session':
      return { subject: family, id: null, name: null, group: null };
    default:
      return { subject: 'host', id: null, name: null, group: null };
  }
}

function find(registry: Registry, ref: string): ReturnType<Registry['get']> {
  try {
    return registry.resolve(ref);
  } catch {
    return undefined;
  }
}
