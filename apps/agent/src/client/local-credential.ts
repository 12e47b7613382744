import { existsSync, readFileSync } from 'node:fs';
import { PlimsollError } from '@plimsoll/protocol';
import type { StateRoot } from '../state-root.ts';

/** What `local` commands need; root alone can read it. Throws `forbidden` for any other user, `unavailable` where there is none. */
export function readLocalCredential(state: StateRoot): string {
  try {
    return readFileSync(state.localToken, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      throw new PlimsollError('forbidden', 'only root may use the command line', {
        hint: 'Put `sudo` before the command.',
        cause: error,
      });
    }
    throw notRunning(state, error);
  }
}

export function notRunning(state: StateRoot, cause?: unknown): PlimsollError {
  const what = existsSync(state.supervisorSocket) ? 'the agent is not running, and containers go on' : 'Plimsoll is not running';
  return new PlimsollError('unavailable', `${what}: start it with \`npm start\``, { hint: '', cause });
}

/** Agent and supervisor have ended, and not by a crash, which leaves their sockets behind. */
export function isShutDown({ agentSocket, supervisorSocket }: StateRoot): boolean {
  return !existsSync(agentSocket) && !existsSync(supervisorSocket);
}

export function shutDown(cause?: unknown): PlimsollError {
  return new PlimsollError('unavailable', 'Plimsoll was shut down', { hint: '', cause });
}

export function lost(cause?: unknown): PlimsollError {
  return new PlimsollError('unavailable', 'the connection to the agent was lost', { cause });
}
