import { diskUsage } from './disk-usage.ts';

/** A size that is asked for is walked for again when it is so old, */
const AGAIN_MS = 1000;
/** and so many times as old as its walk took. */
const AGAIN_WALKS = 10;

interface Size {
  bytes: number;
  staleAtMs: number;
}

/** Sizes of directories, walked for when somebody asks, one at a time and in the background. */
export class VolumeSizes implements Disposable {
  readonly #known = new Map<string, Size>();
  /** The first of them is being walked. */
  readonly #due = new Set<string>();
  readonly #stop = new AbortController();
  #walking: Promise<void> | null = null;

  /** Has a directory walked that was not lately. */
  want(directory: string): void {
    const known = this.#known.get(directory);
    if (known !== undefined && performance.now() < known.staleAtMs) return;
    this.#due.add(directory);
    this.#walking ??= this.#walk();
  }

  /** Bytes on disk as of the last walk; null before the first. */
  of(directory: string): number | null {
    return this.#known.get(directory)?.bytes ?? null;
  }

  forget(directory: string): void {
    this.#due.delete(directory);
    this.#known.delete(directory);
  }

  /** Resolves when nothing is due. */
  async settled(): Promise<void> {
    await this.#walking;
  }

  async #walk(): Promise<void> {
    for (const directory of this.#due) {
      const begunMs = performance.now();
      const bytes = await diskUsage(directory, this.#stop.signal);
      const endedMs = performance.now();
      const staleAtMs = endedMs + Math.max(AGAIN_MS, AGAIN_WALKS * (endedMs - begunMs));
      // Unless it was forgotten meanwhile.
      if (this.#due.delete(directory) && bytes !== null) this.#known.set(directory, { bytes, staleAtMs });
      if (this.#stop.signal.aborted) break;
    }
    this.#walking = null;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
