import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { clearPath } from '../stores/clear-path.ts';

/**
 * Holds `path` as long as this process lives: a listening unix socket, which the kernel lets go of however the process
 * ends. Undefined where another process holds it.
 */
export async function acquireLock(path: string): Promise<AsyncDisposable | undefined> {
  if (await isListening(path)) return undefined;
  clearPath(path);
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  try {
    await once(server, 'listening');
  } catch (error) {
    // Another process was faster between the two calls.
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return server;
}

/** Whether a process listens on the unix socket at `path`. */
export async function isListening(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
