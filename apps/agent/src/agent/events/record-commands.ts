import { COMMANDS, errorInWords, type Verb } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';
import { changesSomething } from '../commands/changes-something.ts';
import type { Witness } from '../commands/dispatcher.ts';
import type { Registry } from '../registry.ts';
import { commandSubject } from './command-subject.ts';
import type { EventLog } from './event-log.ts';
import { newEvent } from './new-event.ts';
import { whereFrom, whoIs } from './who.ts';
import { textWithout, withoutSecrets } from './without-secrets.ts';

/** Who gave which command from where, and how it came out: also those that were refused. Of an answer nothing but what it is about. */
export function recordCommands(events: EventLog, registry: Registry): Witness {
  return (verb, input, caller) => {
    if (!changesSomething(verb)) return () => {};
    const at = Date.now();
    // Before it is carried out: after a removal nobody knows the name.
    const subject = commandSubject(verb, input, registry);
    return (answer) => {
      // Of a rename the name before it.
      const about = { ...subject, ...(answer.ok && verb !== 'container.rename' && made(answer.result)) };
      const detail = { verb, args: argumentsOf(verb, input), tookMs: Date.now() - at };
      const error = answer.ok ? null : { code: answer.error.code, message: textWithout(errorInWords(answer.error)) };
      events.record([newEvent({ kind: 'command', ...about, at, who: whoIs(caller), from: whereFrom(caller), detail, error })]);
      if (answer.ok && verb === 'group.kill') recordKilled(events, about, answer.result, caller);
    };
  };
}

/** Those that were given. Arguments that are not the verb's may have a secret in any place: none of them is kept. */
function argumentsOf(verb: Verb, input: unknown): ReturnType<typeof withoutSecrets> | null {
  const parsed = COMMANDS[verb].args.safeParse(input);
  if (!parsed.success) return null;
  // Said twice for whoever types it.
  const { confirm: _confirm, ...args } = parsed.data as Record<string, unknown>;
  const given = Object.entries(args).filter(([name]) => Object.hasOwn(input as object, name));
  return withoutSecrets(Object.fromEntries(given));
}

/** The container that a command has made, or is about: by its id, where the answer shows one. */
function made(result: unknown): { id: string; name: string; group: string } | null {
  if (typeof result !== 'object' || result === null) return null;
  const { id, name, group } = result as Record<string, unknown>;
  return typeof id === 'string' && typeof name === 'string' && typeof group === 'string' ? { id, name, group } : null;
}

function recordKilled(events: EventLog, about: ReturnType<typeof commandSubject>, result: unknown, caller: Caller): void {
  const { killed } = result as { killed: number };
  events.record([newEvent({ kind: 'group.killed', ...about, who: whoIs(caller), from: whereFrom(caller), detail: { killed } })]);
}
