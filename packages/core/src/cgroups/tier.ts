import { allocateApart, type Allocation } from '../program/arena.ts';
import type { CgroupReading } from './reading.ts';
import type { Source, Target } from './sources/source.ts';

/** Cgroups that are read by one program. Few, so that what they say is parsed while it is still in the cpu's cache. */
export const AT_ONCE = 16;

/** The files that are read together, and room for what the kernel answers, which every program of theirs writes into. */
export class Tier implements Disposable {
  readonly sources: readonly Source[];
  readonly content: Uint8Array;
  readonly #stamp: (reading: CgroupReading, atNs: bigint) => void;
  readonly #memory: Allocation;
  readonly #offsets: number[] = [];
  readonly #bytesEach: number;

  /** `stamp` notes when the first file of a reading was read. */
  constructor(sources: readonly Source[], stamp: (reading: CgroupReading, atNs: bigint) => void) {
    this.sources = sources;
    this.#stamp = stamp;
    let size = 0;
    for (const { bytes } of sources) {
      this.#offsets.push(size);
      size += bytes;
    }
    this.#bytesEach = size;
    this.#memory = allocateApart(Math.max(1, size * AT_ONCE));
    this.content = new Uint8Array(this.#memory.buffer, this.#memory.byteOffset, size * AT_ONCE);
  }

  /** Where in `content` the file of this source is read to, for the cgroup at this place in its program. */
  offset(place: number, source: number): number {
    return place * this.#bytesEach + (this.#offsets[source] ?? 0);
  }

  /** The same as an address for the kernel. */
  address(place: number, source: number): number {
    return this.#memory.address + this.offset(place, source);
  }

  stamp(reading: CgroupReading, atNs: bigint | null): void {
    if (atNs !== null) this.#stamp(reading, atNs);
  }

  /** Takes what was read. A file that filled its room may have more to say, and half of it would be wrong. */
  take(source: number, place: number, length: number, reading: CgroupReading): void {
    const { bytes, take } = this.sources[source] as Source;
    if (length < 0 || length >= bytes) return;
    const start = this.offset(place, source);
    // io.stat is empty where nothing was moved: what another cgroup's said must not be taken for its.
    if (length === 0) this.content[start] = 0;
    take(this.content, start, start + length, reading);
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}

export function pathOf({ pathOf: first, otherOf }: Source, target: Target): string {
  return target.lacksFirst && otherOf !== undefined ? otherOf(target) : first(target);
}
