import { GuardedEmitter } from '@plimsoll/core/guarded';
import { setTimeout as delay } from 'node:timers/promises';
import type { DiskLevel, DiskReport, DiskWriter } from '@plimsoll/protocol';
import { log } from '../log.ts';
import { monotonicMs } from '../sampling/metronome.ts';
import { fileSystemsOf, fillOf, shareOf, type FileSystem } from './file-systems.ts';
import type { Growing, Growth } from './growth.ts';
import { levelAt } from './level.ts';

const INTERVAL_MS = 2000;
/** Growth is measured from this far below the first level on, so that its cause is known when that is reached. */
const NEAR = 0.05;
/** Where a file system has grown by less since the last look, nobody fills it. */
const LEAST_GROWTH_BYTES = 256 * 1024;
/** A measurement may walk every layer: the next one waits so many times as long as it took. */
const REST = 10;
/** A file system whose server is away answers nothing. */
const MOST_WAIT_MS = 3000;
/** Between two measurements where there was none before. */
const BASELINE_MS = 500;
const NONE: Growing = { writers: [], filler: null };

export interface DiskWatchParts {
  /** Directories by what they are called in reports. `lib` has the containers. */
  directories: Readonly<Record<string, string>>;
  growth: Growth;
  /** Where little is left, 0 to 1. */
  lowShare: number;
  /** Below which nothing is done about writers. Null: nothing is done at all. */
  freezeShare: number | null;
  /** Of the life before, by mount point. */
  levelBefore?: (path: string) => DiskLevel;
  intervalMs?: number;
}

export interface Disk extends DiskReport {
  share: number;
  /** As of this look. */
  filler: DiskWriter | null;
}

/**
 * `looked`: at these mount points. `changed`: the level of a file system is another one. `crowded`: at `freezeShare` or above, at each look, with the container that
 * fills it.
 */
interface DiskEvents {
  looked: [paths: readonly string[]];
  changed: [disk: Disk, before: DiskLevel];
  crowded: [disk: Disk];
}

/** Watches how full the file systems are that Plimsoll writes to. */
export class DiskWatch extends GuardedEmitter<DiskEvents> implements AsyncDisposable {
  readonly #parts: DiskWatchParts;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  readonly #looked = Promise.withResolvers<void>();
  #disks = new Map<string, Disk>();
  #measureAgainMs = 0;

  constructor(parts: DiskWatchParts) {
    super();
    this.#parts = parts;
    this.#watching = this.#watch();
  }

  /** As of the last look, which is some seconds old. */
  async report(): Promise<DiskReport[]> {
    await Promise.race([this.#looked.promise, delay(MOST_WAIT_MS, undefined, { ref: false })]);
    return Array.from(this.#disks.values(), ({ share: _share, filler: _filler, ...report }) => report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#watching, delay(MOST_WAIT_MS, undefined, { ref: false })]);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    const { intervalMs = INTERVAL_MS } = this.#parts;
    while (!signal.aborted) {
      await this.#look().catch((error: unknown) => {
        if (!signal.aborted) log('error', 'the file systems cannot be looked at', { error });
      });
      this.#looked.resolve();
      await delay(intervalMs, undefined, { ref: false, signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const before = this.#disks;
    const disks = new Map<string, Disk>();
    for (const fileSystem of await fileSystemsOf(this.#parts.directories)) {
      const disk = await this.#diskOf(fileSystem);
      if (fileSystem.holds.includes('lib')) Object.assign(disk, await this.#growingOn(disk, before.get(disk.path)));
      disks.set(disk.path, disk);
    }
    this.#disks = disks;
    this.emit('looked', [...disks.keys()]);
    for (const disk of disks.values()) this.#tell(disk, before.get(disk.path)?.level ?? this.#levelBefore(disk.path));
  }

  #tell(disk: Disk, before: DiskLevel): void {
    const { freezeShare } = this.#parts;
    if (disk.level !== before) this.emit('changed', disk, before);
    if (freezeShare !== null && disk.share >= freezeShare) this.emit('crowded', disk);
  }

  async #diskOf({ directory, ...fileSystem }: FileSystem): Promise<Disk> {
    const fill = await fillOf({ directory });
    const share = shareOf(fill);
    const known = this.#disks.get(fileSystem.path);
    const level = levelAt(share, known?.level ?? this.#levelBefore(fileSystem.path), this.#parts.lowShare);
    const since = known?.level === level ? known.since : new Date().toISOString();
    return { ...fileSystem, ...fill, share, level, since, writers: [], filler: null };
  }

  /** Measured while the file system fills up, or its level is another one; in between those of the last measurement. */
  async #growingOn(disk: Disk, before: Disk | undefined): Promise<Growing> {
    const { growth, freezeShare } = this.#parts;
    if (disk.share < this.#nearShare) {
      growth.forget();
      return NONE;
    }
    const isNews = disk.level !== (before?.level ?? this.#levelBefore(disk.path));
    const grows = before !== undefined && disk.usedBytes - before.usedBytes >= LEAST_GROWTH_BYTES;
    if (!isNews && !grows) return NONE;
    const isUrgent = isNews || (freezeShare !== null && disk.share >= freezeShare);
    if (!isUrgent && monotonicMs() < this.#measureAgainMs) return { writers: before?.writers ?? [], filler: null };
    return await this.#measure();
  }

  async #measure(): Promise<Growing> {
    const { growth } = this.#parts;
    const { signal } = this.#stop;
    const sinceMs = monotonicMs();
    if (!growth.hasBaseline) {
      await growth.measure(signal);
      await delay(BASELINE_MS, undefined, { ref: false, signal });
    }
    const growing = await growth.measure(signal);
    this.#measureAgainMs = monotonicMs() + REST * (monotonicMs() - sinceMs);
    return growing;
  }

  get #nearShare(): number {
    const { lowShare, freezeShare } = this.#parts;
    return Math.min(lowShare, freezeShare ?? 1) - NEAR;
  }

  #levelBefore(path: string): DiskLevel {
    return this.#parts.levelBefore?.(path) ?? 'ok';
  }
}
