import { diskUsage } from './disk-usage.ts';

/** A size that was asked for is walked for again when it is older. */
const AGAIN_MS = 30_000;

/** Sizes of directories, walked for when somebody asks, one at a time and in the background. */
export class VolumeSizes implements Disposable {
  readonly #againMs: number;
  readonly #known = new Map<string, { bytes: number; atMs: number }>();
  /** The first of them is being walked. */
  readonly #due = new Set<string>();
  readonly #stop = new AbortController();
  #walking: Promise<void> | null = null;

  constructor(againMs = AGAIN_MS) {
    this.#againMs = againMs;
  }

  /** Bytes on disk as of the last walk; null before the first. */
  of(directory: string): number | null {
    const known = this.#known.get(directory);
    if (known === undefined || performance.now() - known.atMs >= this.#againMs) {
      this.#due.add(directory);
      this.#walking ??= this.#walk();
    }
    return known?.bytes ?? null;
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
      const bytes = await diskUsage(directory, this.#stop.signal);
      // Unless it was forgotten meanwhile.
      if (this.#due.delete(directory) && bytes !== null) this.#known.set(directory, { bytes, atMs: performance.now() });
      if (this.#stop.signal.aborted) break;
    }
    this.#walking = null;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
