import { closeSync } from 'node:fs';
import { EPOLL } from '../abi/epoll.ts';
import { or } from '../abi/flags.ts';
import { IN, INOTIFY_EVENT } from '../abi/inotify.ts';
import { call, tryCall } from '../program/call.ts';
import type { EventLoop } from './event-loop.ts';
import { readReady } from './read-ready.ts';

/** The kernel puts as many whole events into it as there is room for. */
const BATCH_BYTES = 4096;

/** Tells of files that the kernel says have changed (inotify(7)): one descriptor for all, and none for the files. */
export class FileChanges implements Disposable {
  readonly #fd = call('make an inotify instance', 'inotify_init1', or(IN, 'IN_NONBLOCK', 'IN_CLOEXEC'));
  readonly #readable: Disposable;
  /** By watch descriptor, of which the kernel gives one for each file. */
  readonly #watches = new Map<number, Set<() => void>>();
  readonly #batch = Buffer.alloc(BATCH_BYTES);

  constructor(loop: EventLoop) {
    this.#readable = loop.watch(this.#fd, EPOLL.EPOLLIN, () => this.#take());
  }

  /** Null: there is no such file, or no watch to be had (fs.inotify.max_user_watches). */
  watch(path: string, changed: () => void): Disposable | null {
    const watch = tryCall('inotify_add_watch', this.#fd, path, IN.IN_MODIFY);
    if (watch < 0) return null;
    const listeners = this.#watches.get(watch) ?? new Set();
    this.#watches.set(watch, listeners.add(changed));
    return {
      [Symbol.dispose]: () => {
        if (!listeners.delete(changed) || listeners.size > 0) return;
        this.#watches.delete(watch);
        tryCall('inotify_rm_watch', this.#fd, watch);
      },
    };
  }

  #take(): void {
    const length = readReady(this.#fd, this.#batch);
    for (let at = 0; at < length;) {
      const watch = this.#batch.readInt32LE(at + INOTIFY_EVENT.watch);
      const mask = this.#batch.readUInt32LE(at + INOTIFY_EVENT.mask);
      at += INOTIFY_EVENT.size + this.#batch.readUInt32LE(at + INOTIFY_EVENT.nameBytes);
      // Events were lost: any file may have changed.
      const told = (mask & IN.IN_Q_OVERFLOW) === 0 ? [this.#watches.get(watch) ?? []] : [...this.#watches.values()];
      for (const listeners of told) for (const changed of [...listeners]) changed();
    }
  }

  [Symbol.dispose](): void {
    this.#readable[Symbol.dispose]();
    this.#watches.clear();
    closeSync(this.#fd);
  }
}
