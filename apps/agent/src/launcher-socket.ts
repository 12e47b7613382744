import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { StateRoot } from './state-root.ts';

/** The launcher's lock: it listens there as long as it lives. */
export function launcherSocket(state: StateRoot): string {
  return join(state.run, 'launcher.sock');
}

/** Whether a process listens on the unix socket at `path`. */
export async function isListening(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(path);
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
