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
  for (let look = 0; look < looks; look++) {
    const listener = await listenerOf(socket);
    if (listener === 'nobody') return false;
    if (listener === 'unknown' || isSupervisor(listener)) return true;
    await delay(LOOK_AGAIN_MS);
  }
  return false;
}

/** `unknown`: it is in another pid namespace. */
function listenerOf(path: string): Promise<number | 'unknown' | 'nobody'> {
  const { promise, resolve } = Promise.withResolvers<number | 'unknown' | 'nobody'>();
  const socket = connect(path);
  socket.on('connect', () => resolve(pidOfPeer(socket) ?? 'unknown')).on('error', () => resolve('nobody'));
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
