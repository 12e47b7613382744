import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { logFault } from '@plimsoll/core/guarded';
import { hasCode } from '../has-code.ts';
import { deleteTree } from './delete-tree.ts';

/** What is to be deleted has a name that begins so, from which a later start knows it. */
export const REMOVED = '.removed-';
/** Deletions that work at one time; each call takes one of libuv's four threads. */
const LANES = 2;

/** Deletes trees in the background. What is left over at the end of the process is for the next one to delete. */
export class Deletions implements AsyncDisposable {
  readonly #lanes = new Lanes(LANES);
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<boolean>>();

  /**
   * Renames an entry of `directory` to a name of no other, and deletes it in the background. Resolves when it is renamed, which is not yet
   * synced. Where a full disk has no room for another name, it is deleted under its own. Throws what else rename(2) refuses.
   */
  async moveAside(directory: string, name: string): Promise<void> {
    const path = join(directory, name);
    const doomed = join(directory, `${REMOVED}${randomUUID()}`);
    try {
      await rename(path, doomed);
    } catch (error) {
      if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
      logFault(`${path} cannot be renamed before it is deleted`, error);
      void this.delete(path);
      return;
    }
    void this.delete(doomed);
  }

  /** Never rejects. True: nothing is left. What is left is logged. */
  delete(path: string): Promise<boolean> {
    const deletion = this.#delete(path);
    this.#running.add(deletion);
    void deletion.finally(() => this.#running.delete(deletion));
    return deletion;
  }

  /** Resolves when no deletion is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #delete(path: string): Promise<boolean> {
    await this.#lanes.enter();
    try {
      const { signal } = this.#stop;
      signal.throwIfAborted();
      const left = await deleteTree(path, { signal, turn: async () => await this.#lanes.pass() });
      if (left === null) return true;
      const entries = left.entries === 1 ? 'an entry' : `${left.entries} entries`;
      logFault(`${entries} of ${path} cannot be deleted; the next start tries again`, left.error);
    } catch (error) {
      if (!this.#stop.signal.aborted) logFault(`${path} cannot be deleted; the next start tries again`, error);
    } finally {
      this.#lanes.leave();
    }
    return false;
  }

  /** Resolves when what was under way has stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }
}

/** So many work at a time, and each in its turn: a tree of millions does not hold up the small ones behind it. */
class Lanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(lanes: number) {
    this.#free = lanes;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  async pass(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.leave();
    await this.enter();
  }
}
