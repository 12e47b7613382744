import { createHash } from 'node:crypto';
import type { Caller } from '../access/gatekeeper.ts';
import type { NewEvent } from './new-event.ts';

/** Long enough to tell sessions apart, and no help towards one. */
const SHOWN = 8;

/** A session as the log names it, from the hash that it is kept by. */
export function sessionName(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, SHOWN);
}

export function whoIs(caller: Caller): string {
  return caller.who === 'local' ? 'root' : `session ${sessionName(caller.session)}`;
}

/** A session is the web process's to bring; who is `local` has the socket and the token in their own hands. */
export function whereFrom(caller: Caller): NewEvent['from'] {
  return caller.who === 'local' ? { over: 'socket', address: null } : { over: 'web', address: caller.address ?? null };
}
