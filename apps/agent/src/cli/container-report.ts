import type { ContainerState, ContainerView } from '@plimsoll/protocol';
import { formatAge } from './quantities.ts';

/** A container as --json gives it: flat, and null where there is nothing to tell. */
export function flatten({ state, ...view }: ContainerView) {
  const { handle: _handle, lastExit: _lastExit, ...kept } = view;
  return {
    ...kept,
    state: state.status,
    pid: 'pid' in state ? state.pid : null,
    startedAt: 'startedAt' in state ? state.startedAt : null,
    frozenAt: state.status === 'frozen' ? state.frozenAt : null,
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
    case 'starting':
    case 'stopping':
      return state.status;
    case 'running':
      return `running ${formatAge(state.startedAt)}`;
    case 'frozen':
      return `frozen ${formatAge(state.frozenAt)}`;
    case 'exited':
      return describeExit(state);
    case 'failed':
      return 'failed to start';
  }
}

function describeExit({ exitCode, signal, oomKilled }: Extract<ContainerState, { status: 'exited' }>): string {
  const code = exitCode === null ? 'exited, code unknown' : `exited ${exitCode}`;
  const reason = oomKilled ? 'out of memory' : signal;
  return reason === null ? code : `${code} (${reason})`;
}
