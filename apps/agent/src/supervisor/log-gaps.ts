import { guarded } from '@plimsoll/core/guarded';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ContainerId } from '@plimsoll/protocol';
import type { z } from 'zod';
import { complain } from './complain.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';
import { LogFile } from './log-file.ts';
import { Gap, type GapRecord } from './log-gap.ts';

const SLOT_BYTES = 256;
const SLOTS = 256;
const WRITE_EVERY_MS = 1000;

const Slot = Gap.extend({ id: ContainerId });

/**
 * The gaps of all logs that are not in the logs yet: in memory, and in a file of fixed slots whose space is taken beforehand, so that
 * the counts survive a kill of this process on a full disk. Each is written into its log as soon as the disk takes it.
 */
export class LogGaps implements Disposable {
  readonly #fd: number | null;
  readonly #gaps = new Map<string, { gap: Gap; slot: number | null }>();
  readonly #logOf: (id: string) => string;
  /** Of logs that are open. */
  readonly #writers = new Map<string, () => void>();
  readonly #timer: NodeJS.Timeout;

  /** `path`: of the file; without space for it the gaps are kept in memory alone. `logOf`: a container's log. */
  constructor(path: string, logOf: (id: string) => string) {
    this.#logOf = logOf;
    this.#fd = openSlots(path);
    this.#restore();
    this.#timer = setInterval(
      guarded('gaps in logs', () => this.#writeAll()),
      WRITE_EVERY_MS,
    ).unref();
  }

  of(id: string): GapRecord {
    return {
      get: () => this.#gaps.get(id)?.gap ?? null,
      set: (gap) => this.#set(id, gap),
      onRetry: (write) => {
        this.#writers.set(id, write);
        return { [Symbol.dispose]: () => void (this.#writers.get(id) === write && this.#writers.delete(id)) };
      },
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #writeAll(): void {
    for (const id of this.#gaps.keys()) {
      try {
        const write = this.#writers.get(id);
        if (write !== undefined) write();
        // Its container has ended: opening and closing the log writes the gap.
        else new LogFile(this.#logOf(id), this.of(id))[Symbol.dispose]();
      } catch (error) {
        // The container is removed.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') complain(`cannot write the gap in the log of "${id}"`, error);
        this.#set(id, null);
      }
    }
  }

  #set(id: string, gap: Gap | null): void {
    const slot = this.#gaps.get(id)?.slot ?? this.#freeSlot();
    if (gap === null && !this.#gaps.delete(id)) return;
    if (gap !== null) this.#gaps.set(id, { gap, slot });
    this.#keep(slot, gap === null ? '' : JSON.stringify({ id, ...gap } satisfies z.infer<typeof Slot>));
  }

  #keep(slot: number | null, text: string): void {
    if (this.#fd === null || slot === null) return;
    const bytes = Buffer.alloc(SLOT_BYTES);
    bytes.write(text);
    try {
      writeSync(this.#fd, bytes, 0, SLOT_BYTES, slot * SLOT_BYTES);
    } catch {
      // It stays in memory.
    }
  }

  #freeSlot(): number | null {
    const used = new Set([...this.#gaps.values()].map(({ slot }) => slot));
    for (let slot = 0; slot < SLOTS; slot++) if (!used.has(slot)) return slot;
    return null;
  }

  #restore(): void {
    if (this.#fd === null) return;
    const bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
    readSync(this.#fd, bytes, 0, bytes.length, 0);
    for (let slot = 0; slot < SLOTS; slot++) {
      const [text = ''] = bytes.toString('utf8', slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES).split('\0', 1);
      const found = text === '' ? null : parseSlot(text);
      if (found === null) continue;
      const { id, ...gap } = found;
      this.#gaps.set(id, { gap, slot });
    }
  }
}

/** The file with all of its space taken. Null: there is none, and none can be made. */
function openSlots(path: string): number | null {
  try {
    setAsideUnlessFile(path);
    const fd = openSync(path, 'a+', 0o600);
    const bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    closeSync(fd);
    const taken = openSync(path, 'r+');
    for (let at = length; at < bytes.length;) at += writeSync(taken, bytes, at, bytes.length - at, at);
    return taken;
  } catch (error) {
    complain(`${path} cannot be had: gaps in logs are kept in memory alone`, error);
    return null;
  }
}

function parseSlot(text: string): z.infer<typeof Slot> | null {
  try {
    return Slot.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
