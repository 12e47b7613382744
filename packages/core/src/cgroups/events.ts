import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { guarded } from '../events/guarded.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { EPOLL } from '../abi/epoll.ts';
import { or } from '../abi/flags.ts';
import { call, tryCall } from '../program/call.ts';
import type { EventLoop } from '../events/event-loop.ts';

/** Thrown where the kernel did not get there in time. */
export class CgroupTimeout extends Error {
  override readonly name = 'CgroupTimeout';
}

/** As long as it takes to freeze a few hundred processes. */
const LOOK_FOR_MS = 3;

/**
 * Resolves when `file` (a cgroup.events) says what `reached` waits for; it is given null when the cgroup is gone. What the
 * caller has just asked for is mostly done within a millisecond, so it is looked at again and again for as long; only then
 * is it left to the kernel to wake us (EPOLLPRI on the open file), which spaces its notifications some 16 ms apart.
 */
export async function untilEvents(
  loop: EventLoop,
  file: string,
  reached: (events: string | null) => boolean,
  deadlineMs: number,
): Promise<void> {
  for (const from = performance.now(); performance.now() - from < LOOK_FOR_MS; await setImmediate()) {
    if (reached(eventsIn(file))) return;
  }
  const fd = call(`watch ${file}`, 'openat', AT_FDCWD, file, or(O, 'O_RDONLY', 'O_CLOEXEC'));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => {
    try {
      if (reached(eventsIn(file))) resolve();
    } catch (error) {
      reject(error);
    }
  };
  const timer = setTimeout(
    () => reject(new CgroupTimeout(`${file} did not change as awaited within ${deadlineMs} ms`)),
    deadlineMs,
  );
  const watch = loop.watch(file, fd, EPOLL.EPOLLPRI + EPOLL.EPOLLET, look);
  // A notification that the kernel still holds back is lost when the cgroup is removed: that is noticed by looking.
  const relook = setInterval(guarded(file, look), 50);
  try {
    // Between the first look and the watch it may have happened.
    look();
    await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(relook);
    watch[Symbol.dispose]();
    tryCall('close', fd);
  }
}

function eventsIn(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    // ENODEV: removed between open and read.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The value of `key` in a flat-keyed cgroup file. */
export function flatValue(text: string, key: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.startsWith(`${key} `))
    ?.slice(key.length + 1);
}
