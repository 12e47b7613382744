import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupLayout } from '@plimsoll/core';
import { WorkerThread } from '../database/worker-thread.ts';
import type { Retention } from '../ledger/roll-up.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import { failure, log } from '../log.ts';
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
  sampleMs: number;
  retention: Retention;
}

/** The ledger, and what feeds it: meters of what runs, and the supervisor's word on what has ended. */
export class Metering implements AsyncDisposable {
  readonly ledger: WorkerThread<LedgerMethods>;
  readonly #recorder: Recorder;
  readonly #meter: Meter;
  readonly #supervisor: SupervisorLink;
  readonly #timer: NodeJS.Timeout;
  #readAt = Number.NEGATIVE_INFINITY;
  #caughtUp: Promise<void> = Promise.resolve();

  constructor({ lib, registry, sampler, supervisor, layout, sampleMs, retention }: MeteringParts) {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // Without a ledger nothing of this is worth running: the agent ends, and the next one opens it again.
    this.ledger = new WorkerThread(new URL('../ledger/thread.ts', import.meta.url), join(lib, 'ledger.db'), (error) => {
      throw error;
    });
    this.#recorder = new Recorder(this.ledger, (seqs) => this.#acknowledge(seqs));
    this.#meter = new Meter({ registry, sampler, recorder: this.#recorder, layout, bootId, sampleMs });
    this.#supervisor = supervisor;
    supervisor.on('ledger', (record) => this.#meter.ended(record));
    supervisor.on('connected', () => {
      this.#caughtUp = this.#catchUp(bootId).catch((error: unknown) => {
        log('warn', 'what ended meanwhile could not be asked for', { error });
      });
    });
    const rollUp = () =>
      this.ledger.call('rollUp', Date.now(), retention).catch((error: unknown) => {
        log('error', 'the ledger could not be rolled up', failure(error));
      });
    void rollUp();
    this.#timer = setInterval(() => void rollUp(), ROLL_UP_EVERY_MS).unref();
  }

  /**
   * Resolves when the ledger has a reading of all that runs, a second old at most: each is kept, however many ask. While the disk takes
   * nothing it resolves without.
   */
  async readAll(): Promise<void> {
    await Promise.race([this.#caughtUp, this.#recorder.failing]);
    const now = performance.now();
    if (now - this.#readAt >= READ_EVERY_MS) {
      this.#readAt = now;
      this.#meter.readAll();
    }
    await Promise.race([this.#recorder.settled(), this.#recorder.failing]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
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
