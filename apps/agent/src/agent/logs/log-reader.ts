import { watch } from 'node:fs';
import { logFault } from '@plimsoll/core/guarded';
import type { LogLine } from '@plimsoll/protocol';
import { CriParser } from './cri-line.ts';
import { isMissing, LogPosition } from './log-position.ts';

const POLL_MS = 1000;
/** Of inotify, which others may have used up. */
const LIMITS = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'ENOMEM']);

export interface LogReading {
  /** The container's directory, with `log` and, once it was rotated, `log.1`. */
  directory: string;
  /** Lines from the end to begin with; undefined: all that is kept. */
  tail: number | undefined;
  /** Whether to wait for more; asked anew at every end of the log. False also means that all has been written. */
  mayGrow: () => boolean;
  /** Calls back when `mayGrow` may have changed its answer; returns its undo. */
  onChange: (listener: () => void) => () => void;
  signal: AbortSignal;
}

/**
 * Lines in order, in batches of what one read gives: one that is slow to take them is not read ahead of. Across rotation
 * the old file is read to its end before the new one is begun.
 */
export async function* readLog(reading: LogReading): AsyncGenerator<LogLine[]> {
  const { directory, signal } = reading;
  using changes = new Changes(reading);
  const parser = new CriParser();
  await using position = new LogPosition(directory);
  await position.begin(reading.tail);
  while (!signal.aborted) {
    changes.clear();
    const mayGrow = reading.mayGrow();
    const lines = await position.read(parser);
    if (lines.length > 0) yield lines;
    if (position.moved || (await position.next())) continue;
    if (!mayGrow) return;
    await changes.wait();
  }
}

/** Whatever can mean that there is more to read: the directory (writes, and renames by rotation) or the container. */
class Changes implements Disposable {
  readonly #undo: (() => void)[] = [];
  readonly #directory: string;
  #changed = Promise.withResolvers<void>();
  #watching = false;
  /** The kernel watches nothing more. */
  #pollMs: number | undefined;

  constructor({ directory, onChange, signal }: LogReading) {
    this.#directory = directory;
    const notify = (): void => this.#changed.resolve();
    signal.addEventListener('abort', notify);
    this.#undo.push(onChange(notify), () => signal.removeEventListener('abort', notify));
  }

  clear(): void {
    this.#changed = Promise.withResolvers();
    if (!this.#watching) this.#watch();
  }

  async wait(): Promise<void> {
    const timer = this.#pollMs === undefined ? undefined : setTimeout(() => this.#changed.resolve(), this.#pollMs);
    await this.#changed.promise;
    clearTimeout(timer);
  }

  /** A container that was never started may have no directory yet: its start is a change of the other kind. */
  #watch(): void {
    try {
      const watcher = watch(this.#directory, () => this.#changed.resolve());
      this.#watching = true;
      this.#pollMs = undefined;
      watcher.on('error', () => this.#changed.resolve());
      this.#undo.push(() => watcher.close());
    } catch (error) {
      if (isMissing(error)) return;
      if (!LIMITS.has(String((error as NodeJS.ErrnoException).code))) throw error;
      logFault(
        `${this.#directory} is looked at every second: fs.inotify.max_user_instances or max_user_watches is reached`,
        error,
      );
      this.#pollMs = POLL_MS;
    }
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
  }
}
