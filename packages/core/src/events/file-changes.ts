import { closeSync } from 'node:fs';
import { ERRNO } from '../abi/errno.ts';
import { EPOLL } from '../abi/epoll.ts';
import { or } from '../abi/flags.ts';
import { IN, INOTIFY_EVENT } from '../abi/inotify.ts';
import { tryCall } from '../program/call.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import type { EventLoop } from './event-loop.ts';
import { attempt, guarded, logFault } from './guarded.ts';
import { readReady } from './read-ready.ts';

/** The kernel puts as many whole events into it as there is room for. */
const BATCH_BYTES = 4096;
/** How often a file is looked at that the kernel refuses to watch, and the kernel asked again. */
const RETRY_MS = 10_000;
/** Limits of the host that others may have used up: they pass. */
const LIMITS = [ERRNO.EMFILE, ERRNO.ENFILE, ERRNO.ENOSPC, ERRNO.ENOMEM];

interface File {
  path: string;
  changed: () => void;
  /** Null: the kernel does not watch it. */
  watch: number | null;
}

/**
 * Calls back when the kernel says that a file has changed (inotify(7)): one descriptor for all, and none for the files. Where a
 * limit on instances or watches is reached, that is logged, and the files are looked at every `retryMs` until the kernel watches them.
 */
export class FileChanges implements Disposable {
  readonly #loop: EventLoop;
  readonly #retryMs: number;
  #instance: { fd: number; readable: Disposable } | null = null;
  /** By watch descriptor, of which the kernel gives one for each file. */
  readonly #watches = new Map<number, Set<File>>();
  readonly #unwatched = new Set<File>();
  readonly #batch = Buffer.alloc(BATCH_BYTES);
  #retry: NodeJS.Timeout | undefined;
  /** The limit that was logged. */
  #logged = 0;
  #isClosed = false;

  constructor(loop: EventLoop, { retryMs = RETRY_MS } = {}) {
    this.#loop = loop;
    this.#retryMs = retryMs;
    this.#open();
  }

  /** Null: there is no such file. */
  watch(path: string, changed: () => void): Disposable | null {
    const file: File = { path, changed, watch: null };
    const outcome = this.#add(file);
    if (outcome === 'gone') return null;
    if (outcome === 'refused') this.#lookLater(file);
    return { [Symbol.dispose]: () => this.#forget(file) };
  }

  #open(): boolean {
    const fd = tryCall('inotify_init1', or(IN, 'IN_NONBLOCK', 'IN_CLOEXEC'));
    if (fd < 0) return this.#refused('inotify_init1', -fd);
    try {
      this.#instance = { fd, readable: this.#loop.watch('the changes of cgroups', fd, EPOLL.EPOLLIN, () => this.#take(fd)) };
      return true;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #add(file: File): 'watched' | 'refused' | 'gone' {
    if (this.#instance === null) return 'refused';
    const watch = tryCall('inotify_add_watch', this.#instance.fd, file.path, IN.IN_MODIFY);
    if (watch < 0 && !LIMITS.includes(-watch)) return 'gone';
    if (watch < 0) {
      this.#refused('inotify_add_watch', -watch);
      return 'refused';
    }
    file.watch = watch;
    this.#watches.set(watch, (this.#watches.get(watch) ?? new Set()).add(file));
    return 'watched';
  }

  /** Throws where it is no limit that was reached. */
  #refused(syscall: 'inotify_init1' | 'inotify_add_watch', errno: number): false {
    const error = new SyscallError(syscall, errno, `cgroups are looked at every ${this.#retryMs / 1000} s, not at each change`);
    if (!LIMITS.includes(errno)) throw error;
    if (this.#logged !== errno) logFault('inotify', error);
    this.#logged = errno;
    return false;
  }

  #lookLater(file: File): void {
    this.#unwatched.add(file);
    if (this.#isClosed || this.#retry !== undefined) return;
    this.#retry = setTimeout(guarded('inotify', this.#tryAgain), this.#retryMs).unref();
  }

  readonly #tryAgain = (): void => {
    this.#retry = undefined;
    if (this.#instance === null) this.#open();
    for (const file of [...this.#unwatched]) {
      const outcome = this.#add(file);
      if (outcome === 'refused') this.#lookLater(file);
      else this.#unwatched.delete(file);
      // It may have changed since it was looked at last.
      if (outcome !== 'gone') call(file);
    }
    if (this.#unwatched.size === 0) this.#logged = 0;
  };

  #forget(file: File): void {
    this.#unwatched.delete(file);
    const files = file.watch === null ? undefined : this.#watches.get(file.watch);
    if (file.watch === null || files === undefined || !files.delete(file) || files.size > 0) return;
    this.#watches.delete(file.watch);
    if (this.#instance !== null) tryCall('inotify_rm_watch', this.#instance.fd, file.watch);
  }

  #take(fd: number): void {
    const length = readReady(fd, this.#batch);
    for (let at = 0; at < length;) {
      const watch = this.#batch.readInt32LE(at + INOTIFY_EVENT.watch);
      const mask = this.#batch.readUInt32LE(at + INOTIFY_EVENT.mask);
      at += INOTIFY_EVENT.size + this.#batch.readUInt32LE(at + INOTIFY_EVENT.nameBytes);
      // Events were lost: any file may have changed.
      const changed = (mask & IN.IN_Q_OVERFLOW) === 0 ? [this.#watches.get(watch) ?? []] : [...this.#watches.values()];
      for (const files of changed) for (const file of [...files]) call(file);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#watches.clear();
    this.#unwatched.clear();
    this.#instance?.readable[Symbol.dispose]();
    if (this.#instance !== null) closeSync(this.#instance.fd);
    this.#instance = null;
  }
}

function call({ path, changed }: File): void {
  attempt(`a change of ${path}`, changed);
}
