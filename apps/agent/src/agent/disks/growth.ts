import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerView, DiskWriter } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { diskUsage } from '../sampling/disk-usage.ts';
import { LayerQuota } from '../sampling/layer-quota.ts';
import { monotonicMs } from '../sampling/metronome.ts';

/** Less is what any program writes at times. */
const LEAST_BYTES_PER_S = 4096;
/** A walk rests so many times as long as it works: little, since the disk may be full before a thorough one is over. */
const REST = 1;
const MOST_WRITERS = 3;

interface Measured {
  bytes: number;
  atMs: number;
}

/** Which containers' layers and logs grow. Nothing is measured until somebody asks. */
export class Growth {
  readonly #registry: Pick<Registry, 'containers'>;
  readonly #containers: string;
  /** By container, of the last measurement. */
  #last = new Map<string, Measured>();

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
  }

  /** Those that have grown the most since the last measurement, the fastest first; none at the first. */
  async measure(signal: AbortSignal): Promise<DiskWriter[]> {
    const now = new Map<string, Measured>();
    const grown: DiskWriter[] = [];
    for (const view of this.#registry.containers.filter(runs)) {
      const bytes = await this.#bytesOf(view.id, signal);
      if (bytes === null) continue;
      const measured = { bytes, atMs: monotonicMs() };
      now.set(view.id, measured);
      const before = this.#last.get(view.id);
      const bytesPerS = before === undefined ? 0 : (1000 * (bytes - before.bytes)) / Math.max(1, measured.atMs - before.atMs);
      if (bytesPerS >= LEAST_BYTES_PER_S) grown.push({ id: view.id, name: view.name, bytesPerS: Math.round(bytesPerS) });
    }
    this.#last = now;
    return grown.toSorted((a, b) => b.bytesPerS - a.bytesPerS).slice(0, MOST_WRITERS);
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
