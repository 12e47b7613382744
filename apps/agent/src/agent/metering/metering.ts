import { join } from 'node:path';
import type { CgroupLayout } from '@plimsoll/core';
import type { HostClock } from '../clock/host-clock.ts';
import { WorkerThread } from '../database/worker-thread.ts';
import type { Retention } from '../ledger/roll-up.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import { log } from '../log.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { Meter } from './meter.ts';
import { Recorder } from './recorder.ts';

const ROLL_UP_EVERY_MS = 300_000;
const ACKNOWLEDGE_WITHIN_MS = 10_000;
const READ_EVERY_MS = 1000;
const RECORDS_AT_ONCE = 500;
/** As many as one message may name. */
const SEQS_AT_ONCE = 10_000;

export interface MeteringParts {
  /** Directory of the ledger's database. */
  lib: string;
  registry: Registry;
  sampler: Sampler;
  supervisor: SupervisorLink;
  layout: CgroupLayout;
  clock: HostClock;
  sampleMs: number;
  retention: Retention;
}

/** The ledger, and what feeds it: meters of what runs, and the supervisor's word on what has ended. */
export class Metering implements AsyncDisposable {
  readonly ledger: WorkerThread<LedgerMethods>;
  readonly #recorder: Recorder;
  readonly #meter: Meter;
  readonly #supervisor: SupervisorLink;
  readonly #clock: HostClock;
  readonly #timer: NodeJS.Timeout;
  #readAt = Number.NEGATIVE_INFINITY;
  #caughtUp: Promise<void> = Promise.resolve();

  constructor({ lib, registry, sampler, supervisor, layout, clock, sampleMs, retention }: MeteringParts) {
    this.#clock = clock;
    // Without a ledger nothing of this is worth running: the agent ends, and the next one opens it again.
    this.ledger = new WorkerThread(new URL('../ledger/thread.ts', import.meta.url), join(lib, 'ledger.db'), (error) => {
      throw error;
    });
    this.#recorder = new Recorder(
      this.ledger,
      () => clock.now(),
      (seqs) => this.#acknowledge(seqs),
    );
    this.#recorder.clockSet();
    clock.on('jumped', () => this.#recorder.clockSet());
    this.#meter = new Meter({ registry, sampler, recorder: this.#recorder, layout, clock, sampleMs });
    this.#supervisor = supervisor;
    supervisor.on('ledger', (record) => this.#meter.ended(record));
    supervisor.on('connected', () => {
      this.#caughtUp = this.#catchUp(clock.bootId).catch((error: unknown) => {
        log('warn', 'what ended meanwhile could not be asked for', { error });
      });
    });
    const rollUp = () =>
      this.ledger.call('rollUp', Date.now(), clock.settledMs() === null ? null : retention).catch((error: unknown) => {
        log('error', 'the ledger could not be rolled up', { error });
      });
    void rollUp();
    this.#timer = setInterval(() => void rollUp(), ROLL_UP_EVERY_MS).unref();
  }

  /** Resolves when the ledger has a reading of all that runs, a second old at most: each is kept, however many ask. */
  async readAll(): Promise<void> {
    await this.#caughtUp;
    const wasSet = this.#clock.look();
    const now = performance.now();
    if (wasSet || now - this.#readAt >= READ_EVERY_MS) {
      this.#readAt = now;
      this.#meter.readAll();
    }
    await this.#recorder.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#meter[Symbol.dispose]();
    this.#meter.readAll();
    await this.#recorder.close();
    await this.ledger[Symbol.asyncDispose]();
  }

  async #catchUp(bootId: string): Promise<void> {
    for (let after = 0; ;) {
      const records = await this.#supervisor.request('ledgerRecords', { after, most: RECORDS_AT_ONCE }, ACKNOWLEDGE_WITHIN_MS);
      for (const record of records) this.#meter.ended(record);
      const last = records.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    // Not before the last is known of what was in them.
    await this.#recorder.settled();
    await this.ledger.call('endGroupsOfOtherBoots', bootId);
  }

  /** Where this fails they are told again with the next connection, and known already. */
  #acknowledge(seqs: readonly number[]): void {
    for (let from = 0; from < seqs.length; from += SEQS_AT_ONCE) {
      const some = seqs.slice(from, from + SEQS_AT_ONCE);
      this.#supervisor.request('acknowledge', { seqs: some }, ACKNOWLEDGE_WITHIN_MS).catch(() => {});
    }
  }
}
