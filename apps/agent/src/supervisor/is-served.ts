import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pidOfPeer } from '../socket-peer.ts';

/** Ten seconds and more. They are counted, so that time in which this process does not run is none of it. */
const LOOKS = 500;
const LOOK_AGAIN_MS = 20;

/**
 * Whether another supervisor serves this state: the kernel says who listens on its socket. The zygotes of one that was killed
 * keep it open until they have ended too, and are waited for.
 */
export async function isServed(socket: string, looks = LOOKS): Promise<boolean> {
  let listener: Listener = 'nobody';
  for (let look = 0; look < looks; look++) {
    listener = await listenerOf(socket);
    if (listener === 'nobody') return false;
    if (listener === 'unknown' || (listener !== 'full' && isSupervisor(listener))) return true;
    await delay(LOOK_AGAIN_MS);
  }
  return listener === 'full';
}

/** A pid. `unknown`: it is in another pid namespace. `full`: it has as many connections to accept as it may. */
type Listener = number | 'unknown' | 'full' | 'nobody';

function listenerOf(path: string): Promise<Listener> {
  const { promise, resolve } = Promise.withResolvers<Listener>();
  const socket = connect(path);
  socket
    .on('connect', () => resolve(pidOfPeer(socket) ?? 'unknown'))
    .on('error', (error) => resolve('code' in error && error.code === 'EAGAIN' ? 'full' : 'nobody'));
  return promise.finally(() => socket.destroy());
}

/** One that has ended, and that nobody has reaped yet, has no command line. */
function isSupervisor(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('supervisor/main.ts');
  } catch {
    return false;
  }
}
