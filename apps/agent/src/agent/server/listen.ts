import { chmod, chown } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { logFault } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import { clearPath } from '../../stores/clear-path.ts';

const HEALTH_DEADLINE_MS = 2000;
/** Of connect(2): no socket of ours listens there. */
const NOBODY_THERE = ['ENOENT', 'ECONNREFUSED', 'ELOOP', 'EPROTOTYPE'];

/**
 * Listens on a unix socket that `uid` alone (and root) may connect to. The socket is also the lock: where a living agent
 * answers there, throws `conflict`; a socket file that nobody answers on is what a crash left, and is replaced.
 */
export async function listen(server: Server, path: string, uid: number | null): Promise<void> {
  if (await answers(path)) {
    throw new PlimsollError('conflict', `an agent is already running at ${path}`, {
      hint: 'Stop that one first, or set another PLIMSOLL_ROOT.',
    });
  }
  clearPath(path);
  // Nobody may connect between bind and chmod: the file is born with mode 0600.
  const umask = process.umask(0o177);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(path, () => {
      server.off('error', reject);
      // A connection that could not be accepted (EMFILE).
      server.on('error', (error) => logFault(`the socket ${path}`, error));
      resolve();
    });
    await promise;
  } finally {
    process.umask(umask);
  }
  if (uid !== null) await chown(path, uid, -1);
  await chmod(path, 0o600);
}

/** Whether something takes connections there. One that accepts and stays silent is alive too: stuck, or stopped in a debugger. */
async function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = request({ socketPath, path: '/health', timeout: HEALTH_DEADLINE_MS }, (response) => {
    response.resume();
    resolve(true);
  });
  probe.on('timeout', () => {
    resolve(true);
    probe.destroy();
  });
  probe.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(!NOBODY_THERE.includes(code)));
  probe.end();
  return await promise;
}
