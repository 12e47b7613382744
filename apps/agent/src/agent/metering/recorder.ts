import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerThread } from '../database/worker-thread.ts';
import { WriteTrouble } from '../database/write-trouble.ts';
import type { ClockSeen } from '../ledger/boot-clocks.ts';
import type { MeterEnd, MeterReading } from '../ledger/input.ts';
import type { LedgerMethods } from '../ledger/thread.ts';

const AGAIN_MS = 2000;

/** Hands batches to the ledger, one at a time: what comes while one is written is in the next. */
export class Recorder {
  readonly #ledger: WorkerThread<LedgerMethods>;
  readonly #recorded: (seqs: number[]) => void;
  #readings: MeterReading[] = [];
  /** Of groups the newest alone: each end of a member brings one. */
  readonly #ofGroups = new Map<string, MeterReading>();
  #ends: MeterEnd[] = [];
  #names = new Map<string, string>();
  #seqs: number[] = [];
  readonly #clock: () => ClockSeen;
  /** The ledger has not seen it since it was set. */
  #isClockNew = true;
  #idle: Promise<void> = Promise.resolve();
  #isWriting = false;
  #closed = false;
  readonly #trouble = new WriteTrouble('the ledger');

  /** `recorded` is called with the numbers of the supervisor's records that are durable. */
  constructor(ledger: WorkerThread<LedgerMethods>, clock: () => ClockSeen, recorded: (seqs: number[]) => void) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#recorded = recorded;
  }

  read(...readings: readonly MeterReading[]): void {
    for (const reading of readings) {
      if (reading.info.kind === 'group') this.#ofGroups.set(`${reading.info.subject} ${reading.info.life}`, reading);
      else this.#readings.push(reading);
    }
    this.#begin();
  }

  end(end: MeterEnd, seq: number): void {
    this.#ends.push(end);
    this.#seqs.push(seq);
    this.#begin();
  }

  /** A container is called so from now on. */
  rename(id: string, name: string): void {
    this.#names.set(id, name);
    this.#begin();
  }

  /** The wall clock was set: what the ledger has is labelled anew. */
  clockSet(): void {
    this.#isClockNew = true;
    this.#begin();
  }

  /** Resolves when all that was given before is durable. */
  async settled(): Promise<void> {
    await this.#idle;
  }

  /** Resolves when the disk takes nothing, at once where that is so already: `settled` waits for the disk then. */
  get failing(): Promise<void> {
    return this.#trouble.begun;
  }

  /** What cannot be written now is given up: the supervisor keeps ends, and the kernel its counters. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#idle;
  }

  #begin(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#idle = this.#write();
  }

  async #write(): Promise<void> {
    // What comes in this turn of the event loop goes with it.
    await Promise.resolve();
    while (this.#isClockNew || this.#readings.length + this.#ofGroups.size + this.#ends.length + this.#names.size > 0) {
      const readings = [...this.#readings, ...this.#ofGroups.values()];
      const batch = { clock: this.#clock(), readings, ends: this.#ends, names: this.#names };
      this.#isClockNew = false;
      const seqs = this.#seqs;
      this.#readings = [];
      this.#ofGroups.clear();
      this.#ends = [];
      this.#seqs = [];
      this.#names = new Map();
      try {
        await this.#ledger.call('record', batch);
        this.#trouble.succeeded();
        if (seqs.length > 0) this.#recorded(seqs);
      } catch (error) {
        this.#trouble.failed(error);
        if (this.#closed) break;
        this.#isClockNew = true;
        this.#readings.unshift(...batch.readings);
        this.#ends.unshift(...batch.ends);
        this.#seqs.unshift(...seqs);
        this.#names = new Map([...batch.names, ...this.#names]);
        await delay(AGAIN_MS);
      }
    }
    this.#isWriting = false;
  }
}
