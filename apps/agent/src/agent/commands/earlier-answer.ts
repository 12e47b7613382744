import type { Verb } from '@plimsoll/protocol';
import type { ContainerRecord, GroupRecord, RequestKey } from '../../supervisor/protocol.ts';
import { type Registry, toView } from '../registry.ts';
import type { SupervisorLink } from '../supervisor-link.ts';

const OUTCOME_DEADLINE_MS = 30_000;

export interface EarlierParts {
  registry: Pick<Registry, 'get' | 'group'>;
  supervisor: Pick<SupervisorLink, 'request'>;
}

/** The answer to a command that an agent before this one, or an earlier attempt, had the supervisor execute. */
export class EarlierAnswers {
  readonly #parts: EarlierParts;

  constructor(parts: EarlierParts) {
    this.#parts = parts;
  }

  /** Undefined: the supervisor executed none under this id. Throws the error that it came to. For verbs on containers and groups. */
  async find(verb: Verb, request: RequestKey): Promise<object | undefined> {
    const { supervisor } = this.#parts;
    const outcome = await supervisor.request('outcome', { request }, OUTCOME_DEADLINE_MS, request);
    return outcome === null ? undefined : this.#asAnswer(verb, outcome.answer);
  }

  /** As the handler of the verb makes it of the supervisor's answer. */
  #asAnswer(verb: Verb, answer: unknown): object {
    const { registry } = this.#parts;
    const container = (record: ContainerRecord) => toView(record, registry.get(record.id)?.handle ?? 0);
    const group = (record: GroupRecord) => ({ ...record, handle: registry.group(record.path)?.handle ?? 0 });
    switch (verb) {
      case 'container.remove':
      case 'group.remove':
        return {};
      case 'container.update': {
        const { record, kernel } = answer as { record: ContainerRecord; kernel: unknown[] };
        return { container: container(record), kernel };
      }
      case 'group.set': {
        const changed = answer as { group: GroupRecord; kernel: unknown[] };
        return { ...changed, group: group(changed.group) };
      }
      case 'group.kill': {
        const killed = answer as { group: GroupRecord; killed: number };
        return { ...killed, group: group(killed.group) };
      }
      case 'group.create':
      case 'group.freeze':
      case 'group.thaw':
        return group(answer as GroupRecord);
      default:
        return container(answer as ContainerRecord);
    }
  }
}
