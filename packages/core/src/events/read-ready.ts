import { readSync } from 'node:fs';

/** Reads what epoll said was there. 0: it is not. */
export function readReady(fd: number, into: Uint8Array): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
