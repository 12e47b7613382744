import { join } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import type { CgroupLayout } from '@plimsoll/core';
import type { HostClock } from '../clock/host-clock.ts';
import { WorkerThread } from '../database/worker-thread.ts';
import type { Retention } from '../ledger/roll-up.ts';
import type { LedgerMethods, LedgerThreadData } from '../ledger/thread.ts';
import { failure, log } from '../log.ts';
import type { LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { Meter } from './meter.ts';
import { recordPast } from './past-records.ts';
import { Recorder } from './recorder.ts';

const ROLL_UP_EVERY_MS = 300_000;
const ANSWERED_WITHIN_MS = 10_000;
/** After a comparison with the supervisor's records that failed. */
const AGAIN_MS = 5000;
const READ_EVERY_MS = 1000;
const RECORDS_AT_ONCE = 500;
/** As many as one message may name. */
const SEQS_AT_ONCE = 10_000;

export interface MeteringParts {
  /** Directory of the ledger's database. */
  lib: string;
  /** The host's id. */
  host: string;
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
  /** How often another ledger has taken a damaged one's place, and of which of them it is known that it has all that the supervisor's journal has. */
  #replacements = 0;
  #whole: number | null = null;
  #again: NodeJS.Timeout | undefined;

  constructor({ lib, host, registry, sampler, supervisor, layout, clock, sampleMs, retention }: MeteringParts) {
    this.#clock = clock;
    const data: LedgerThreadData = { path: join(lib, 'ledger.db'), host };
    // A file that cannot be opened does not end the thread; what does is a fault of ours, and the next agent opens it again.
    this.ledger = new WorkerThread(new URL('../ledger/thread.ts', import.meta.url), data, (error) => {
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
    supervisor.on('connected', () => void (this.#caughtUp = this.#catchUp()));
    const rollUp = () =>
      this.ledger.call('rollUp', Date.now(), clock.ages({ ...retention })).catch((error: unknown) => {
        log('error', 'the ledger could not be rolled up', failure(error));
      });
    void rollUp();
    this.#timer = setInterval(guarded('the roll-up of the ledger', rollUp), ROLL_UP_EVERY_MS).unref();
  }

  /** The ledger was damaged, and another has taken its place: records what that lacks. */
  rebuilt(): void {
    this.#replacements++;
    this.#meter.readAll();
    if (this.#supervisor.connected) this.#caughtUp = this.#caughtUp.then(async () => await this.#catchUp());
  }

  /**
   * Resolves when the ledger has a reading of all that runs, a second old at most: each is kept, however many ask. While the disk takes
   * nothing it resolves without.
   */
  async readAll(): Promise<void> {
    await Promise.race([this.#caughtUp, this.#recorder.failing]);
    const wasSet = this.#clock.look();
    const now = performance.now();
    if (wasSet || now - this.#readAt >= READ_EVERY_MS) {
      this.#readAt = now;
      this.#meter.readAll();
    }
    await Promise.race([this.#recorder.settled(), this.#recorder.failing]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#meter[Symbol.dispose]();
    this.#meter.readAll();
    await this.#recorder.close();
    await this.ledger[Symbol.asyncDispose]();
  }

  /** Brings in what ended while there was no connection, and what else the ledger lacks. A failure is tried again, by the next connection at the latest. */
  async #catchUp(): Promise<void> {
    clearTimeout(this.#again);
    try {
      await this.#takeUnacknowledged();
      await this.#complete();
    } catch (error) {
      log('warn', "the ledger could not be compared with the supervisor's records; that is tried again", { error });
      const again = (): void => {
        if (this.#supervisor.connected) this.#caughtUp = this.#catchUp();
      };
      clearTimeout(this.#again);
      this.#again = setTimeout(guarded('the comparison of the ledger', again), AGAIN_MS).unref();
    }
  }

  /** Once for each ledger: what it lacks of the supervisor's journal. */
  async #complete(): Promise<void> {
    // It may be replaced meanwhile, and the one that takes its place be compared from its beginning.
    const replacements = this.#replacements;
    if (this.#whole === replacements) return;
    const [ledger, supervisor, recorder] = [this.ledger, this.#supervisor, this.#recorder];
    const record = (one: LedgerRecord): void => this.#meter.ended(one);
    await recordPast({ ledger, supervisor, record, settled: async () => await recorder.settled() });
    this.#whole = replacements;
  }

  async #takeUnacknowledged(): Promise<void> {
    for (let after = 0; ;) {
      const records = await this.#supervisor.request('ledgerRecords', { after, most: RECORDS_AT_ONCE }, ANSWERED_WITHIN_MS);
      for (const record of records) this.#meter.ended(record);
      const last = records.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    // Not before the last is known of what was in them.
    await this.#recorder.settled();
    await this.ledger.call('endGroupsOfOtherBoots', this.#clock.bootId);
  }

  /** Where this fails they are told again with the next connection, and known already. */
  #acknowledge(seqs: readonly number[]): void {
    for (let from = 0; from < seqs.length; from += SEQS_AT_ONCE) {
      // 0: from before records had a number; nobody waits for these.
      const some = seqs.slice(from, from + SEQS_AT_ONCE).filter((seq) => seq > 0);
      this.#supervisor.request('acknowledge', { seqs: some }, ANSWERED_WITHIN_MS).catch(() => {});
    }
  }
}
