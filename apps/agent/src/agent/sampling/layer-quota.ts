import { dirname, join } from 'node:path';
import { ProjectQuotas, projectOf } from '@plimsoll/core';
import { monotonicMs } from './metronome.ts';

/** A count is this old at most: each is a syscall, and a table of a thousand containers is read every second. */
const MOST_AGE_MS = 2000;

/** What a layer takes on disk, as the file system itself counts it. */
export class LayerQuota {
  readonly #containers: string;
  readonly #project: number;
  #bytes: number;
  #readAtMs: number;

  private constructor(containers: string, project: number) {
    this.#containers = containers;
    this.#project = project;
    this.#bytes = this.#read();
    this.#readAtMs = monotonicMs();
  }

  /** `upper`: the layer's directory, lib/containers/ID/upper. Null: it has no project, or nothing counts for that. */
  static of(upper: string): LayerQuota | null {
    try {
      const container = dirname(upper);
      // Of `upper` the container could change it.
      const project = projectOf(join(container, 'work'));
      return project === 0 ? null : new LayerQuota(dirname(container), project);
    } catch {
      return null;
    }
  }

  /** Of the layer and the overlay's own directory beside it. */
  get bytes(): number {
    if (monotonicMs() - this.#readAtMs > MOST_AGE_MS) {
      this.#readAtMs = monotonicMs();
      try {
        this.#bytes = this.#read();
      } catch {
        // Quotas were switched off, or no descriptor is left: the last count stays.
      }
    }
    return this.#bytes;
  }

  #read(): number {
    using quotas = new ProjectQuotas(this.#containers);
    return quotas.use(this.#project).bytes;
  }
}
