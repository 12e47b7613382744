import type { ContainerState } from '@plimsoll/protocol';
import { duration } from './format.ts';

/** One colour and one glyph each, on every page. */
export type StateKind = 'running' | 'frozen' | 'changing' | 'idle' | 'failed';

export function stateKind(state: ContainerState): StateKind {
  switch (state.status) {
    case 'running':
      return 'running';
    case 'frozen':
      return 'frozen';
    case 'starting':
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

/** A word or two, for a table. */
export function stateLabel(state: ContainerState): string {
  if (state.status !== 'exited') return state.status;
  if (state.oomKilled) return 'out of memory';
  if (state.signal !== null) return state.signal;
  return state.exitCode === null ? 'exited' : `exited ${state.exitCode}`;
}

/** A sentence, for the container's own page. `now` is in milliseconds since the epoch. */
export function stateSentence(state: ContainerState, now: number): string {
  switch (state.status) {
    case 'created':
      return 'Created, and never started.';
    case 'starting':
      return 'Starting.';
    case 'running':
      return `Running for ${since(state.startedAt, now)} as process ${state.pid}.`;
    case 'frozen':
      return `Frozen for ${since(state.frozenAt, now)}. Its processes keep their memory and get no cpu.`;
    case 'stopping':
      return `Stopping. Killed in ${duration(Date.parse(state.killAt) - now)} if it has not ended by then.`;
    case 'failed':
      return 'Its start failed.';
    case 'exited':
      return `${exitSentence(state)} It had run for ${duration(Date.parse(state.exitedAt) - Date.parse(state.startedAt))}.`;
  }
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
