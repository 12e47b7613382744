import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Damaged } from '../database/damaged-copy.ts';
import { inTransaction } from '../database/migrate.ts';
import { closeDatabase, openDatabase } from '../database/open.ts';
import { advance } from './advance.ts';
import { carryOver } from './carry-over.ts';
import { BootClocks, type ClockSeen } from './boot-clocks.ts';
import type { Batch, MeterEnd, MeterInfo, MeterKey, MeterReading } from './input.ts';
import { COUNTERS, type KernelCounters, type Reading } from './quantities.ts';
import { RollUp, type Retention } from './roll-up.ts';
import { Rows } from './rows.ts';
import { RunningMeters, type Running } from './running.ts';
import { GRAINS, MIGRATIONS } from './schema.ts';
import { usage, type UsageAsked, type UsageTold } from './usage.ts';
import { verify, type Verdict } from './verify.ts';

interface GroupGoingOn {
  subject: string;
  life: string;
  name: string;
  began_ms: number;
  segment: number;
  boot: string | null;
}

const MEBIBYTE = 1024 * 1024;
/** Some thousand ends of containers. */
const SPACE = { walBytes: 4 * MEBIBYTE, freeBytes: 2 * MEBIBYTE };
/** When a ledger was found damaged or missing, and rebuilt. */
export interface Loss {
  atMs: number;
  problem: 'damaged' | 'missing';
}

/** Counters that stay as they were read last. */
const COUNTS_NOTHING = Object.fromEntries(COUNTERS.map((counter) => [counter, null])) as Omit<KernelCounters, 'cpuNs'>;

const NO_SAMPLES = { sampledMs: 0, gapMs: 0, memoryKibMs: 0, memoryLeastKibMs: 0, memoryMostKibMs: 0 };

/**
 * What everything has used, to the last unit that the kernel counts. It keeps readings of counters that only grow, never
 * differences of them: what is lost between two readings is in the second, and nothing is ever counted twice. A batch is
 * recorded as a whole, and on disk when `record` returns; what it has recorded before it knows, and leaves alone.
 */
export class Ledger implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #rows: Rows;
  readonly #running: RunningMeters;
  readonly #rollUp: RollUp;
  readonly #clocks: BootClocks;
  readonly #groupsGoingOn: StatementSync;
  readonly #rename: StatementSync;

  /** `path`: of the database file; `host`: its id, which new meters get, and those from before there was one. */
  constructor(path: string, host: string) {
    this.#path = path;
    this.#database = openDatabase(path, MIGRATIONS, 'full', path === ':memory:' ? null : SPACE);
    this.#beOf(host);
    this.#rows = new Rows(this.#database);
    this.#clocks = new BootClocks(this.#database);
    this.#running = new RunningMeters(this.#database, this.#rows, this.#clocks);
    this.#rollUp = new RollUp(this.#database);
    this.#groupsGoingOn = this.#database.prepare(
      `SELECT m.subject, m.life, m.name, m.began_ms, m.boot, r.segment FROM running r JOIN meters m ON m.id = r.meter
       WHERE m.kind = 'group'`,
    );
    this.#rename = this.#database.prepare("UPDATE meters SET name = ? WHERE kind = 'container' AND subject = ? AND name <> ?");
  }

  record({ clock, readings, ends, names = new Map() }: Batch): void {
    try {
      inTransaction(this.#database, () => {
        if (clock !== undefined) this.#learn(clock);
        for (const seen of ends.flatMap(clockAt)) this.#learn(seen);
        for (const reading of readings) this.#read(reading);
        for (const end of ends) this.#end(end);
        for (const [id, name] of names) this.#rename.run(name, id, name);
      });
      this.#running.forgetEnded();
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /**
   * Ends what groups' cgroups counted before the host was started anew. Nobody could take a last reading, and ends of members may
   * have become known that are later than the last there was: what members used, their group's cgroup had counted.
   */
  endGroupsOfOtherBoots(bootId: string): void {
    const going = (this.#groupsGoingOn.all() as unknown as GroupGoingOn[]).filter(({ life }) => !life.startsWith(`${bootId}:`));
    if (going.length === 0) return;
    const { groups } = this.usage({ boundariesMs: [0, Number.MAX_SAFE_INTEGER], aggregate: 'group' });
    const missing = new Map(groups.map(({ group, counted, attributed }) => [group, attributed.cpuNs - counted.cpuNs]));
    const ends = going.map(({ subject, life, name, boot, segment, ...meter }): MeterEnd => {
      const [beganMs, shiftMs] = [meter.began_ms, this.#clocks.shiftMs(boot)];
      const last = this.#rows.before(segment, Number.MAX_SAFE_INTEGER);
      const short = missing.get(subject) ?? 0n;
      const cpuNs = (last?.totals.cpuNs ?? 0n) + (short > 0n ? short : 0n);
      return {
        info: { kind: 'group', subject, life, name, image: '', labels: {}, beganMs: beganMs + shiftMs, boot: null },
        ...{
          group: subject,
          atMs: (last?.atMs ?? beganMs) + shiftMs,
          bootMs: null,
          elapsedMs: Number(last?.totals.elapsedMs ?? 0n),
        },
        ...{ counters: { ...COUNTS_NOTHING, cpuNs }, reserved: null, record: '' },
        ...{ memoryKib: null, memoryPeakKib: null, ...NO_SAMPLES },
      };
    });
    this.record({ readings: [], ends });
  }

  /** Makes the coarser grains up to now, and drops what is older than is to be kept; nothing where `retention` is null. */
  rollUp(nowMs: number, retention: Retention | null): void {
    try {
      inTransaction(this.#database, () => this.#rollUp.run(nowMs, retention));
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  usage(asked: UsageAsked): UsageTold {
    return usage(this.#database, this.#rows, asked);
  }

  verify(): Verdict {
    return verify(this.#database, this.#rows);
  }

  /** Takes what can be read of a damaged ledger, and remembers that it was. */
  carryOver(damaged: Damaged): void {
    this.noteLoss({ atMs: Date.now(), problem: 'damaged' }, damaged.kept);
    carryOver(damaged, { path: this.#path, database: this.#database, rows: this.#rows });
    this.#running.forget();
  }

  noteLoss({ atMs, problem }: Loss, kept: string | null): void {
    this.#database.prepare('INSERT INTO losses (at_ms, problem, kept) VALUES (?, ?, ?)').run(atMs, problem, kept);
  }

  /** The oldest first. */
  get losses(): Loss[] {
    return this.#database.prepare('SELECT at_ms AS atMs, problem FROM losses ORDER BY at_ms').all() as unknown as Loss[];
  }

  /** Whether there is a meter of each of these that has ended. */
  haveEnded(keys: readonly MeterKey[]): boolean[] {
    const find = this.#database.prepare(
      'SELECT 1 FROM meters WHERE kind = ? AND subject = ? AND life = ? AND ended_ms IS NOT NULL',
    );
    return keys.map(({ kind, subject, life }) => find.get(kind, subject, life) !== undefined);
  }

  /** Records, as JSON, of meters that a damaged ledger did not have whole. */
  get toRecord(): string[] {
    return (this.#database.prepare('SELECT record FROM to_record').all() as { record: string }[]).map(({ record }) => record);
  }

  /** All of `toRecord` is recorded. */
  recordedAnew(): void {
    this.#database.exec('DELETE FROM to_record');
  }

  /** Up to which number all records of the supervisor are here; 0 where it is not known. */
  get comparedUpTo(): number {
    const row = this.#database.prepare('SELECT seq FROM compared WHERE host = (SELECT id FROM host)').get();
    return Number(row?.['seq'] ?? 0);
  }

  set comparedUpTo(seq: number) {
    this.#database.prepare('INSERT OR REPLACE INTO compared (host, seq) SELECT id, ? FROM host').run(seq);
  }

  [Symbol.dispose](): void {
    closeDatabase(this.#database, this.#path);
  }

  #beOf(host: string): void {
    const { id } = (this.#database.prepare('SELECT id FROM host').get() ?? {}) as { id?: string };
    if (id === host) return;
    inTransaction(this.#database, () => {
      this.#database.prepare('DELETE FROM host').run();
      this.#database.prepare('INSERT INTO host (id) VALUES (?)').run(host);
      this.#database.prepare('UPDATE meters SET host = ? WHERE host IS NULL').run(host);
    });
  }

  #read(reading: MeterReading): void {
    const { group, monotonicMs, memoryKib, reserved, frozen } = reading;
    const { info, atMs: firstMs } = this.#labelled(reading);
    // A new one is counted from its beginning.
    const began = monotonicMs - Math.max(0, firstMs - info.beganMs);
    const running = this.#running.open(info, { group, monotonicMs: began, memoryKib, reserved, frozen: false });
    if (running === null || monotonicMs < running.monotonicMs) return;
    const atMs = this.#labelOf(reading, running);
    const elapsedMs = Math.round(monotonicMs) - Math.round(running.monotonicMs);
    const holeKib = [running.memoryKib ?? memoryKib ?? 0, memoryKib ?? running.memoryKib ?? 0] as const;
    this.#put(running, advance(running, { ...reading, atMs, elapsedMs, holeKib }));
    Object.assign(running, { monotonicMs: Math.round(monotonicMs), memoryKib, reserved, frozen });
    if (group !== running.group) this.#move(running, group);
    this.#running.save(running);
  }

  #end(end: MeterEnd): void {
    const { group, elapsedMs, reserved, record, memoryPeakKib } = end;
    const { info } = this.#labelled(end);
    const inForce = reserved ?? { memoryKib: null, cpuNsPerMs: null };
    const running = this.#running.open(info, { group, monotonicMs: 0, memoryKib: null, reserved: inForce, frozen: false });
    if (running === null) return;
    const { last } = running;
    const atMs = this.#labelOf(end, running);
    const since = elapsedMs === null ? atMs - last.atMs : elapsedMs - Number(last.totals.elapsedMs);
    // As at the last sample; of one that nobody ever sampled, the middle of what is possible.
    const kib = end.memoryKib ?? running.memoryKib ?? (memoryPeakKib ?? 0) / 2;
    this.#put(running, advance(running, { ...end, atMs, elapsedMs: since, holeKib: [kib, kib] }));
    this.#running.end(info, running, record);
  }

  /** As rows of its meter are labelled, whose boot what is known of it may lack. */
  #labelOf({ atMs, bootMs }: MeterReading | MeterEnd, { boot }: Running): number {
    const label = boot === null || bootMs === null ? null : this.#clocks.labelMs(boot, bootMs);
    return label ?? atMs - this.#clocks.shiftMs(boot);
  }

  /** As rows of its boot are labelled. */
  #labelled({ info, atMs, bootMs }: MeterReading | MeterEnd): { info: MeterInfo; atMs: number } {
    const { boot } = info;
    if (boot === null || bootMs === null) return { info, atMs };
    const beganMs = this.#clocks.labelMs(boot.id, boot.beganMs) ?? info.beganMs;
    return { info: { ...info, beganMs }, atMs: this.#clocks.labelMs(boot.id, bootMs) ?? atMs };
  }

  #learn(seen: ClockSeen): void {
    this.#rollUp.moved(this.#clocks.learn(seen));
  }

  /** What is in memory of a transaction that was rolled back. */
  #forget(): void {
    this.#running.forget();
    this.#clocks.forget();
    this.#rollUp.reload();
  }

  #put(running: Running, reading: Reading): void {
    this.#rows.insert('minutes', running.segment, reading);
    // What comes late belongs to hours and days that were made already.
    const wallMs = reading.atMs + this.#clocks.shiftMs(running.boot);
    for (const grain of this.#rollUp.grainsPast(wallMs)) this.#rows.insert(grain, running.segment, reading);
    running.last = reading;
  }

  #move(running: Running, group: string): void {
    const segment = this.#running.move(running, group);
    for (const grain of GRAINS) this.#rows.insert(grain, segment, running.last);
  }
}

/** What an end says of the clock of its boot, which may be another than that of now. */
function clockAt({ info: { boot }, atMs, bootMs }: MeterEnd): ClockSeen[] {
  return boot === null || bootMs === null ? [] : [{ bootId: boot.id, bootMs, wallMs: atMs }];
}
