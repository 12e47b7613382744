import type { ContainerState, ContainerView, FreezeReason } from '@plimsoll/protocol';
import { formatAge } from '../options/quantities.ts';

/** A container as --json gives it: flat, and null where there is nothing to tell. */
export function flatten({ state, ...view }: ContainerView) {
  const { handle: _handle, lastExit: _lastExit, ...kept } = view;
  return {
    ...kept,
    state: state.status,
    pid: 'pid' in state ? state.pid : null,
    startedAt: 'startedAt' in state ? state.startedAt : null,
    frozenAt: state.status === 'frozen' ? state.frozenAt : null,
    frozenBy: frozenBy(state),
    exitedAt: state.status === 'exited' ? state.exitedAt : null,
    exitCode: state.status === 'exited' ? state.exitCode : null,
    signal: state.status === 'exited' ? state.signal : null,
    oomKilled: state.status === 'exited' ? state.oomKilled : null,
    error: state.status === 'failed' ? state.error : null,
  };
}

/** A state in a few words: `running 5 min`, `exited 137 (SIGKILL)`. */
export function describeState(state: ContainerState): string {
  switch (state.status) {
    case 'created':
    case 'stopping':
      return state.status;
    case 'starting':
      return state.frozenBy === null ? 'starting' : `starting, frozen by ${state.frozenBy}`;
    case 'running':
      return `running ${formatAge(state.startedAt)}`;
    case 'frozen':
      return `frozen ${formatAge(state.frozenAt)}${state.reasons.some(({ by }) => by === 'user') ? '' : `, ${describeReasons(state.reasons)}`}`;
    case 'exited':
      return describeExit(state);
    case 'failed':
      return 'failed to start';
  }
}

/** `by its group acme`: what holds a container beside a freeze of its own. */
export function describeReasons(reasons: readonly FreezeReason[]): string {
  return reasons.map(describeReason).join(' and ');
}

function describeReason(reason: FreezeReason): string {
  switch (reason.by) {
    case 'user':
      return 'by itself';
    case 'group':
      return `by its group ${reason.group}`;
    case 'disk':
      return `because ${reason.fileSystem} is nearly full`;
    case 'outside':
      return 'by somebody past Plimsoll';
  }
}

/** What holds it frozen, or its start up: `user`, `group acme`, `outside`. Null: nothing does. */
function frozenBy(state: ContainerState): string[] | null {
  if (state.status === 'starting') return state.frozenBy === null ? null : [`group ${state.frozenBy}`];
  if (state.status !== 'frozen') return null;
  return state.reasons.map((reason) =>
    reason.by === 'group' ? `group ${reason.group}` : reason.by === 'disk' ? `disk ${reason.fileSystem}` : reason.by,
  );
}

function describeExit({ exitCode, signal, oomKilled }: Extract<ContainerState, { status: 'exited' }>): string {
  const code = exitCode === null ? 'exited, code unknown' : `exited ${exitCode}`;
  const reason = oomKilled ? 'out of memory' : signal;
  return reason === null ? code : `${code} (${reason})`;
}
