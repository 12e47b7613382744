import { join } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import type { HostClock } from '../clock/host-clock.ts';
import { WorkerThread } from '../database/worker-thread.ts';
import { WriteTrouble } from '../database/write-trouble.ts';
import { failure, log } from '../log.ts';
import type { Registry } from '../registry.ts';
import { wallClockShiftMs } from '../sampling/metronome.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { ChartSubject } from './chart-store.ts';
import type { ChartTold } from './chart-view.ts';
import type { Chunk } from './chunk.ts';
import { collect } from './collect.ts';
import { FINEST, type ChartRetention } from './grains.ts';
import type { ChartMethods } from './thread.ts';

const ROLL_UP_EVERY_MS = 60_000;
/** Where there is nothing to store, how often it is said that an agent is there. */
const SEEN_EVERY_MS = 10_000;

export interface ChartsParts {
  /** Directory of the charts' database. */
  lib: string;
  registry: Registry;
  sampler: Sampler;
  clock: HostClock;
  retention: ChartRetention;
}

interface Row extends ChartSubject {
  /** The first slot that is not stored yet. */
  next: number;
}

/**
 * Charts' samples over days: each row's last minute goes to the store once a minute, some rows at each tick, so that no tick has much
 * to do. A kill loses that minute, and charts alone: nothing here is billed.
 */
export class Charts implements AsyncDisposable {
  readonly #thread: WorkerThread<ChartMethods>;
  readonly #sampler: Sampler;
  readonly #retention: ChartRetention;
  readonly #rows = new Map<number, Row>();
  readonly #turn: number;
  readonly #clock: HostClock;
  readonly #startedBootMs: number;
  readonly #timer: NodeJS.Timeout;
  #adding: Promise<void> | null = null;
  #seenMs = 0;
  readonly #trouble = new WriteTrouble('samples of charts');

  constructor({ lib, registry, sampler, clock, retention }: ChartsParts) {
    this.#sampler = sampler;
    this.#clock = clock;
    this.#startedBootMs = clock.now().bootMs;
    this.#retention = retention;
    const path = join(lib, 'charts.db');
    this.#thread = new WorkerThread(new URL('./thread.ts', import.meta.url), path, (error) => {
      log('error', 'charts are kept no more', { path, error });
    });
    this.#turn = Math.max(1, Math.round(FINEST.chunkMs / sampler.clock.stepMs));
    registry.on('container', ({ handle, id }) => this.#follow(handle, { kind: 'container', subject: id }));
    registry.on('group', ({ handle, path: subject }) => this.#follow(handle, { kind: 'group', subject }));
    registry.on('removed', ({ handle }) => this.#rows.delete(handle));
    registry.on('group-removed', ({ handle }) => this.#rows.delete(handle));
    sampler.on('tick', () => this.#tick());
    const clockSet = (): void =>
      void this.#thread.call('clock', clock.now()).catch((error: unknown) => {
        log('error', 'times of charts could not be moved with the clock', { error });
      });
    clockSet();
    clock.on('jumped', clockSet);
    this.#add([]);
    this.#timer = setInterval(
      guarded('the roll-up of charts', () => this.#rollUp()),
      ROLL_UP_EVERY_MS,
    ).unref();
  }

  /** Where the database is. */
  get thread(): WorkerThread<ChartMethods> {
    return this.#thread;
  }

  /** A span of time (wall clock, ms) of a container or group at about `points` points, up to the newest sample. */
  async view(subject: ChartSubject, span: { fromMs: number; toMs: number; points: number }): Promise<ChartTold> {
    const [handle, row] = [...this.#rows].find(([, one]) => one.kind === subject.kind && one.subject === subject.subject) ?? [];
    const pending = handle === undefined || row === undefined ? [] : this.#collect(handle, row.next);
    return await this.#thread.call('view', { ...subject, ...span, nowMs: Date.now(), retention: this.#retention, pending });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#adding;
    this.#seenMs = 0;
    this.#store(() => true);
    await this.#adding;
    await this.#thread[Symbol.asyncDispose]();
  }

  #follow(handle: number, subject: ChartSubject): void {
    if (!this.#rows.has(handle)) this.#rows.set(handle, { ...subject, next: 0 });
  }

  #tick(): void {
    // While the disk is slow samples wait where they are, for as long as the sampler keeps them.
    if (this.#adding !== null) return;
    if (this.#trouble.isThere && Date.now() - this.#seenMs < SEEN_EVERY_MS) return;
    const { slot } = this.#sampler.clock;
    this.#store((handle, row) => handle % this.#turn === slot % this.#turn || slot - row.next > this.#turn);
  }

  #store(isDue: (handle: number, row: Row) => boolean): void {
    const chunks: (ChartSubject & { chunk: Chunk })[] = [];
    const before: [row: Row, next: number][] = [];
    const end = this.#sampler.clock.slot + 1;
    for (const [handle, row] of this.#rows) {
      if (!isDue(handle, row)) continue;
      const { kind, subject } = row;
      for (const chunk of this.#collect(handle, row.next)) chunks.push({ kind, subject, chunk });
      before.push([row, row.next]);
      row.next = end;
    }
    if (chunks.length > 0 || Math.abs(Date.now() - this.#seenMs) >= SEEN_EVERY_MS) {
      // What the disk did not take is collected again, as long as the sampler has it.
      this.#add(chunks, () => before.forEach(([row, next]) => (row.next = next)));
    }
  }

  #collect(handle: number, next: number): Chunk[] {
    const { clock } = this.#sampler;
    const row = this.#sampler.history(handle);
    return row === null ? [] : collect(row, clock, Math.max(next, clock.firstSlot), clock.slot + 1, wallClockShiftMs());
  }

  #add(chunks: readonly (ChartSubject & { chunk: Chunk })[], undo: () => void = () => {}): void {
    this.#seenMs = Date.now();
    this.#adding = this.#thread.call('add', chunks, { from: this.#clock.wallMsOf(this.#startedBootMs), to: this.#seenMs }).then(
      () => {
        this.#adding = null;
        if (chunks.length > 0) this.#trouble.succeeded();
      },
      (error: unknown) => {
        this.#adding = null;
        undo();
        this.#trouble.failed(error);
      },
    );
  }

  async #rollUp(): Promise<void> {
    try {
      const retention = this.#clock.ages(this.#retention);
      while (await this.#thread.call('rollUp', Date.now(), retention));
    } catch (error) {
      if (!this.#trouble.isThere) log('error', 'charts of the past could not be rolled up', failure(error));
    }
  }
}
