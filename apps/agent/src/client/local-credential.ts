import { readFileSync } from 'node:fs';
import { PlimsollError } from '@plimsoll/protocol';
import type { StateRoot } from '../state-root.ts';

/** What `local` commands need; root alone can read it. Throws `forbidden` for any other user, `unavailable` where there is none. */
export function readLocalCredential({ localToken }: StateRoot): string {
  try {
    return readFileSync(localToken, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      throw new PlimsollError('forbidden', 'only root may use the command line', {
        hint: 'Put `sudo` before the command.',
        cause: error,
      });
    }
    throw notRunning(error);
  }
}

export function notRunning(cause?: unknown): PlimsollError {
  return new PlimsollError('unavailable', 'Plimsoll is not running: start it with `npm start`', { hint: '', cause });
}
