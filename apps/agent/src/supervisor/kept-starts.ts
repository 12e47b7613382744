import { isWithin, Keeper, type EventLoop, type HeldProcess, type Hold } from '@plimsoll/core';
import { ContainerId, Instant } from '@plimsoll/protocol';
import { z } from 'zod';
import type { StateRoot } from '../state-root.ts';
import { complain } from './complain.ts';

const MAJOR = 1;

/** What the keeper has of a start beside its first process. Fields of a newer minor version are left alone. */
const KeptStart = z.object({
  version: z.object({ major: z.literal(MAJOR), minor: z.int().min(0) }),
  id: ContainerId,
  incarnation: z.int().min(1),
  startedAt: Instant,
  startedMonotonicNs: z.string().regex(/^\d{1,20}$/),
});
export type KeptStart = Omit<z.infer<typeof KeptStart>, 'version'>;

/** When a first process ended while no supervisor ran. */
export interface SeenEnd {
  exitedMonotonicNs: string;
}

/** A start that a supervisor before this one has left with the keeper. */
export interface LeftStart extends KeptStart {
  key: bigint;
  process: HeldProcess;
}

/** The starts whose first processes a keeper holds, so that the next supervisor can read how they ended. */
export class KeptStarts {
  readonly #keeper: Keeper;
  readonly #left = new Map<string, KeptStart & { key: bigint }>();

  constructor(loop: EventLoop, { run, cgroup: root }: Pick<StateRoot, 'run' | 'cgroup'>) {
    // No container is believed to be a keeper.
    const isDoubted = (cgroup: string): boolean => isWithin(cgroup, root);
    this.#keeper = Keeper.open(loop, { owner: run, isDoubted, report: complain });
    for (const { key, note } of this.#keeper.found) {
      const start = read(note);
      if (start !== null) this.#left.set(nameOf(start), { ...start, key });
    }
  }

  /** The supervisor before this had a keeper, and all that it held is here. */
  get hasAll(): boolean {
    return this.#keeper.hasAll;
  }

  /** For a start that is about to be made. `started` follows, or `release`. */
  prepare(start: KeptStart): Hold {
    return this.#keeper.prepare(write(start));
  }

  started(hold: Hold, process: HeldProcess, isKept: boolean): void {
    this.#keeper.started(hold, process, isKept);
  }

  /** Keeps a first process that runs already, and that the keeper has not got. Returns its key. */
  hold(start: KeptStart, process: HeldProcess): bigint {
    return this.#keeper.hold(write(start), process);
  }

  /** Keeps a FIFO open that a container writes to. Returns its key. */
  holdFifo(fd: number): bigint {
    return this.#keeper.holdFifo(fd);
  }

  /** Whether an earlier supervisor has left the first process of this start: the first thing that it does is to come to the keeper. */
  has(start: Pick<KeptStart, 'id' | 'incarnation'>): boolean {
    return this.#left.has(nameOf(start));
  }

  /** Adopts what an earlier supervisor has left of this start. Null: there is nothing. */
  adopt(start: Pick<KeptStart, 'id' | 'incarnation'>): LeftStart | null {
    const left = this.#left.get(nameOf(start));
    this.#left.delete(nameOf(start));
    const process = left === undefined ? null : this.#keeper.adopt(left.key);
    return left === undefined || process === null ? null : { ...left, process };
  }

  /** Releases the starts of earlier supervisors that no container has adopted, and the FIFOs of all. */
  releaseLeft(): void {
    this.#left.clear();
    this.#keeper.releaseFound();
  }

  /** Null: the keeper has not seen it end. */
  endOf(key: bigint): SeenEnd | null {
    const end = this.#keeper.endOf(key);
    // One that is yet to come is damage.
    if (end === null || end.monotonicNs > process.hrtime.bigint()) return null;
    return {
      exitedMonotonicNs: String(end.monotonicNs),
    };
  }

  /** Its end is recorded, or it was not started; or the FIFO is read to its end. */
  release(key: bigint): void {
    this.#keeper.release(key);
  }

  /** The same, and what the keeper has of it is closed soon: so that a reader of the FIFO finds its end. */
  releaseNow(key: bigint): void {
    this.#keeper.releaseNow(key);
  }

  /** This supervisor ends, and leaves what is kept to the next. */
  leave(): void {
    this.#keeper.leave();
  }

  /** No container runs: there is nothing to keep for another supervisor. */
  async end(): Promise<void> {
    await this.#keeper.end();
  }
}

function nameOf({ id, incarnation }: Pick<KeptStart, 'id' | 'incarnation'>): string {
  return `${id} ${incarnation}`;
}

function write(start: KeptStart): string {
  return JSON.stringify({ version: { major: MAJOR, minor: 0 }, ...start });
}

/** Null: this version cannot read it. */
function read(note: string): KeptStart | null {
  try {
    return KeptStart.parse(JSON.parse(note));
  } catch (error) {
    complain('cannot read what the keeper has of a start', error);
    return null;
  }
}
