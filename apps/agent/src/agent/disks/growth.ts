import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerView, DiskWriter } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { diskUsage } from '../sampling/disk-usage.ts';
import { LayerQuota } from '../sampling/layer-quota.ts';
import { monotonicMs } from '../sampling/metronome.ts';
import { fillOf } from './file-systems.ts';

/** Less is what any program writes at times. */
const LEAST_BYTES_PER_S = 4096;
/** A walk rests so many times as long as it works: little, since the disk may be full before a thorough one is over. */
const REST = 1;
const MOST_WRITERS = 3;
/** Slower than this nobody fills a file system. */
const LEAST_FILL_BYTES_PER_S = 128 * 1024;
/** Of its growth the containers must account for so much: volumes and other programs, which are not measured, may have the rest. */
const LEAST_PART = 0.5;

interface Measured {
  bytes: number;
  atMs: number;
}

/** `filler`: the one that is to blame that the file system fills up. */
export interface Growing {
  writers: DiskWriter[];
  filler: DiskWriter | null;
}

/** Which containers' layers and logs grow. Nothing is measured until somebody asks. */
export class Growth {
  readonly #registry: Pick<Registry, 'containers'>;
  readonly #containers: string;
  /** By container, of the last measurement. */
  #last = new Map<string, Measured>();
  /** Of the whole file system. */
  #lastUsed: Measured | null = null;

  /** `containers`: the directory of all containers. */
  constructor(registry: Pick<Registry, 'containers'>, containers: string) {
    this.#registry = registry;
    this.#containers = containers;
  }

  /** There is a measurement to compare the next one with. */
  get hasBaseline(): boolean {
    return this.#last.size > 0;
  }

  forget(): void {
    this.#last.clear();
    this.#lastUsed = null;
  }

  /** Those that have grown the most since the last measurement, the fastest first; none at the first. */
  async measure(signal: AbortSignal): Promise<Growing> {
    const used = { bytes: (await fillOf({ directory: this.#containers })).usedBytes, atMs: monotonicMs() };
    const fillsBytesPerS = rate(this.#lastUsed, used);
    const now = new Map<string, Measured>();
    const grown: DiskWriter[] = [];
    for (const view of this.#registry.containers.filter(runs)) {
      const bytes = await this.#bytesOf(view.id, signal);
      if (bytes === null) continue;
      const measured = { bytes, atMs: monotonicMs() };
      now.set(view.id, measured);
      const bytesPerS = rate(this.#last.get(view.id) ?? null, measured);
      if (bytesPerS >= LEAST_BYTES_PER_S) grown.push({ id: view.id, name: view.name, bytesPerS: Math.round(bytesPerS) });
    }
    this.#last = now;
    this.#lastUsed = used;
    const writers = grown.toSorted((a, b) => b.bytesPerS - a.bytesPerS);
    return { writers: writers.slice(0, MOST_WRITERS), filler: fillerAmong(writers, fillsBytesPerS) };
  }

  /** Null: it has gone. */
  async #bytesOf(id: string, signal: AbortSignal): Promise<number | null> {
    const directory = join(this.#containers, id);
    const upper = join(directory, 'upper');
    const layer = LayerQuota.of(upper)?.bytes ?? (await diskUsage(upper, signal, REST));
    if (layer === null) return null;
    const logs = await Promise.all(['log', 'log.1'].map((name) => sizeOf(join(directory, name))));
    return logs.reduce((sum, bytes) => sum + bytes, layer);
  }
}

/**
 * The fastest of `writers`, which is first, where all of them together make up a large part of what the file system grows by; null: others
 * fill it, or nobody does.
 */
export function fillerAmong(writers: readonly DiskWriter[], fillsBytesPerS: number): DiskWriter | null {
  const together = writers.reduce((sum, { bytesPerS }) => sum + bytesPerS, 0);
  if (fillsBytesPerS < LEAST_FILL_BYTES_PER_S || together < LEAST_PART * fillsBytesPerS) return null;
  return writers[0] ?? null;
}

/** Bytes per second; 0 without a measurement before. */
function rate(before: Measured | null, now: Measured): number {
  return before === null ? 0 : (1000 * (now.bytes - before.bytes)) / Math.max(1, now.atMs - before.atMs);
}

/** One that is frozen writes nothing. */
function runs({ state }: ContainerView): boolean {
  return state.status === 'running' || state.status === 'stopping';
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
