import { PlimsollError } from '@plimsoll/protocol';
import type { Containers } from './containers.ts';
import type { ContainerRecord, SupervisorVerb } from './protocol.ts';
import type { Effect, Effects, RequestEntry, Subject } from './requests.ts';

/** What each verb that changes something is about. Of any other verb null: it may be executed as often as it comes. */
export function subjectOf(verb: SupervisorVerb, args: unknown, containers: Containers): Subject | null {
  const { id, definition, group, path } = args as { id?: string; definition?: { id: string }; group?: string; path?: string };
  switch (verb) {
    case 'create':
    case 'run':
      return { subject: definition?.id ?? '' };
    case 'start':
    case 'stop':
    case 'restart':
    case 'kill':
    case 'signal':
    case 'freeze':
    case 'thaw':
    case 'rename':
    case 'update':
    case 'remove': {
      const incarnation = containers.find(id ?? '')?.record.incarnation;
      return { subject: id ?? '', ...(incarnation !== undefined && { incarnation }) };
    }
    case 'createGroup':
    case 'setGroup':
    case 'freezeGroup':
    case 'thawGroup':
    case 'removeGroup':
      return { subject: group ?? '' };
    case 'killGroup':
      return { subject: group ?? '', alive: containers.groups.alive(group ?? '') };
    case 'foreignFreeze':
    case 'foreignThaw':
    case 'foreignKill':
      return { subject: path ?? '' };
    default:
      return null;
  }
}

/** Finds out from the containers and groups that there are whether a verb took effect whose supervisor was killed. */
export class RequestEffects implements Effects {
  readonly #containers: Containers;

  constructor(containers: Containers) {
    this.#containers = containers;
  }

  of({ verb, subject, incarnation = 0, alive, at }: RequestEntry, last: unknown): Effect | undefined {
    const record = this.#containers.find(subject)?.record;
    switch (verb as SupervisorVerb) {
      case 'create':
        return record === undefined ? undefined : { answer: record };
      case 'run':
      case 'start':
      case 'restart':
        return record === undefined || record.incarnation <= incarnation ? undefined : this.#outcomeOfStart(record);
      case 'stop':
      case 'kill':
        if (record === undefined) return last === undefined ? undefined : { answer: last };
        return record.incarnation > incarnation || !('pid' in record.state) ? { answer: record } : undefined;
      case 'freeze':
        return record?.state.status === 'frozen' ? { answer: record } : undefined;
      case 'thaw':
        return record?.state.status === 'running' ? { answer: record } : undefined;
      case 'remove':
        return record === undefined ? { answer: {} } : undefined;
      case 'createGroup': {
        const group = this.#group(subject);
        return group?.kept === true && group.createdAt >= at ? { answer: group } : undefined;
      }
      case 'freezeGroup':
      case 'thawGroup': {
        const group = this.#group(subject);
        return group !== undefined && (group.frozenAt !== null) === (verb === 'freezeGroup') ? { answer: group } : undefined;
      }
      case 'removeGroup':
        return this.#group(subject) === undefined ? { answer: {} } : undefined;
      case 'signal':
        return { error: unknownOutcome(`signal to container "${record?.name ?? subject}"`) };
      case 'foreignKill':
        return { error: unknownOutcome(`kill of cgroup "${subject}"`) };
      case 'killGroup':
        return this.#ofKilledGroup(subject, alive);
      // What is executed again comes to the same: limits and names are set to what they are.
      default:
        return undefined;
    }
  }

  /** Executed again where that reaches no more than what ran when the request came. */
  #ofKilledGroup(path: string, before: Readonly<Record<string, number>> | undefined): Effect | undefined {
    const group = this.#group(path);
    if (before === undefined || group === undefined) return { error: unknownOutcome(`kill of group "${path}"`) };
    const alive = Object.entries(this.#containers.groups.alive(path));
    if (alive.every(([id, incarnation]) => before[id] !== incarnation)) {
      return { answer: { group, killed: Object.keys(before).length } };
    }
    const isSame = alive.every(([id, incarnation]) => before[id] === incarnation);
    return isSame ? undefined : { error: unknownOutcome(`kill of group "${path}"`) };
  }

  /** As the verb answers: where it failed, with that. A start that goes on already is joined: executed again, a restart would stop it. */
  #outcomeOfStart({ id, state }: ContainerRecord): Effect {
    const container = this.#containers.get(id);
    if (state.status === 'failed') return { error: PlimsollError.from(state.error) };
    if (state.status !== 'starting' || state.frozenBy !== null) return { answer: container.record };
    return { joins: container.start().then(() => container.record) };
  }

  present({ verb, subject }: RequestEntry): unknown {
    switch (verb as SupervisorVerb) {
      case 'remove':
      case 'removeGroup':
      case 'foreignFreeze':
      case 'foreignThaw':
      case 'foreignKill':
        return {};
      case 'createGroup':
      case 'freezeGroup':
      case 'thawGroup':
        return this.#group(subject) ?? this.#gone(subject);
      case 'setGroup':
        return { group: this.#group(subject) ?? this.#gone(subject), kernel: [] };
      case 'killGroup':
        return { group: this.#group(subject) ?? this.#gone(subject), killed: 0 };
      case 'update':
        return { record: this.#containers.find(subject)?.record ?? this.#gone(subject), kernel: [] };
      default:
        return this.#containers.find(subject)?.record ?? this.#gone(subject);
    }
  }

  /** Create and start are one: what is left of a `run` that came to no start is removed, as where its start fails. */
  async undo({ verb, subject }: RequestEntry): Promise<void> {
    if (verb !== 'run' || this.#containers.find(subject)?.status !== 'created') return;
    await this.#containers.remove(subject, true);
  }

  #group(path: string): ReturnType<Containers['groups']['record']> {
    return this.#containers.groups.record(path);
  }

  #gone(subject: string): never {
    throw new PlimsollError('not-found', `the command was carried out; "${subject}" has been removed since`);
  }
}

/** Executed again it could reach what was started since, or reach the same twice. */
function unknownOutcome(what: string): PlimsollError {
  return new PlimsollError('deadline-exceeded', `the supervisor was killed during the ${what}, which may have taken effect`, {
    hint: 'Look at what is there now, and repeat the command where it is still needed.',
  });
}
