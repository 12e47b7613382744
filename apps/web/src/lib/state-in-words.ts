import type { ContainerState, ContainerView, FreezeReason } from '@plimsoll/protocol';
import { duration } from '@plimsoll/protocol/quantities';

/**
 * One colour and one glyph each, on every page. `held`: frozen by its group. `outside`: frozen past Plimsoll.
 * `waiting`: starts when its group is thawed.
 */
export type StateKind = 'running' | 'frozen' | 'held' | 'outside' | 'waiting' | 'changing' | 'idle' | 'failed';

/** A sentence in parts, so that the groups in it can be links. */
export type Phrase = string | { group: string };

export function stateKind(state: ContainerState): StateKind {
  switch (state.status) {
    case 'running':
      return 'running';
    case 'frozen':
      return frozenKind(state.reasons);
    case 'starting':
      return state.frozenBy === null ? 'changing' : 'waiting';
    case 'stopping':
      return 'changing';
    case 'created':
      return 'idle';
    case 'failed':
      return 'failed';
    case 'exited':
      return state.exitCode === 0 && !state.oomKilled ? 'idle' : 'failed';
  }
}

/** The reason that must go last for it to run again: its group's, which a thaw of its own cannot lift. */
function frozenKind(reasons: readonly FreezeReason[]): 'frozen' | 'held' | 'outside' {
  if (reasons.some(({ by }) => by === 'group')) return 'held';
  return reasons.some(({ by }) => by === 'user') || reasons.length === 0 ? 'frozen' : 'outside';
}

/** A word or two, for a table. */
export function stateLabel(state: ContainerState): string {
  switch (stateKind(state)) {
    case 'held':
      return 'frozen by group';
    case 'outside':
      return 'frozen outside';
    case 'waiting':
      return 'waits for group';
    default:
  }
  if (state.status !== 'exited') return state.status;
  if (state.oomKilled) return 'out of memory';
  if (state.signal !== null) return state.signal;
  return state.exitCode === null ? 'exited' : `exited ${state.exitCode}`;
}

/** A sentence, for the container's own page. `now` is in milliseconds since the epoch. */
export function stateSentence(state: ContainerState, now: number): string {
  return statePhrases(state, now)
    .map((phrase) => (typeof phrase === 'string' ? phrase : phrase.group))
    .join('');
}

export function statePhrases(state: ContainerState, now: number): Phrase[] {
  switch (state.status) {
    case 'created':
      return ['Created, and never started.'];
    case 'starting':
      return state.frozenBy === null ? ['Starting.'] : ['Waits to start: its group ', { group: state.frozenBy }, ' is frozen.'];
    case 'running':
      return [`Running for ${since(state.startedAt, now)} as process ${state.pid}.`];
    case 'frozen':
      return [
        `Frozen for ${since(state.frozenAt, now)}`,
        ...reasonPhrases(state.reasons),
        '. Its processes keep their memory and get no cpu.',
      ];
    case 'stopping':
      return [`Stopping. Killed in ${duration(Date.parse(state.killAt) - now)} if it has not ended by then.`];
    case 'failed':
      return ['Its start failed.'];
    case 'exited':
      return [`${exitSentence(state)} It had run for ${duration(Date.parse(state.exitedAt) - Date.parse(state.startedAt))}.`];
  }
}

/** ` by you, and by its group acme`. */
function reasonPhrases(reasons: readonly FreezeReason[]): Phrase[] {
  return reasons.flatMap((reason, i): Phrase[] => [i === 0 ? ' ' : ', and ', ...reasonPhrase(reason)]);
}

function reasonPhrase(reason: FreezeReason): Phrase[] {
  switch (reason.by) {
    case 'user':
      return ['by you'];
    case 'group':
      return ['by its group ', { group: reason.group }];
    case 'disk':
      return [`because the file system ${reason.fileSystem} is nearly full, and it wrote the most`];
    case 'outside':
      return ['from outside: somebody wrote to its cgroup past Plimsoll'];
  }
}

/** The frozen group that holds it, or that its start waits for. Null: none does. */
export function heldBy({ state }: Pick<ContainerView, 'state'>): string | null {
  if (state.status === 'starting') return state.frozenBy;
  if (state.status !== 'frozen') return null;
  return state.reasons.find((reason) => reason.by === 'group')?.group ?? null;
}

/** Its group alone holds it: a thaw of its own would change nothing. */
export function isHeldByGroupAlone({ state }: Pick<ContainerView, 'state'>): boolean {
  if (state.status === 'starting') return state.frozenBy !== null;
  return state.status === 'frozen' && state.reasons.length > 0 && state.reasons.every(({ by }) => by === 'group');
}

function exitSentence({ exitCode, signal, oomKilled }: Extract<ContainerState, { status: 'exited' }>): string {
  if (oomKilled) return "The kernel's out-of-memory killer ended it: it needed more than its memory limit.";
  if (signal !== null) return `Ended by ${signal}${SIGNALS[signal] ?? ''}.`;
  if (exitCode === null) return 'Ended while nothing watched it, so its exit code is not known.';
  if (exitCode === 0) return 'Ended by itself with exit code 0: success.';
  return `Ended by itself with exit code ${exitCode}.`;
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: ', which no process can refuse',
  SIGTERM: ', the request to stop',
  SIGINT: ', the interrupt of Ctrl-C',
  SIGSEGV: ': it touched memory that is not its own',
  SIGABRT: ': it gave up by itself',
  SIGSYS: ': it made a syscall that it may not make',
};

function since(iso: string, now: number): string {
  return duration(now - Date.parse(iso));
}
