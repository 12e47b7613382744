import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { dropMeter } from './drop-meter.ts';
import type { MeterInfo, MeterKey, Reserved } from './input.ts';
import { each, zero, COUNTERS, type KernelCounters, type Reading, type Totals } from './quantities.ts';
import type { BootClocks } from './boot-clocks.ts';
import type { Rows } from './rows.ts';

/** A meter that goes on: its last reading, and what the next is counted from. */
export interface Running {
  meter: number;
  segment: number;
  group: string;
  /** Whose clock its labels come from. Null: not known; they are the wall clock's. */
  boot: string | null;
  last: Reading;
  monotonicMs: number;
  memoryKib: number | null;
  reserved: Reserved;
  frozen: boolean;
}

type FirstReading = Omit<Running, 'meter' | 'segment' | 'boot' | 'last'>;

interface FoundMeter {
  id: number;
  ended_ms: number | null;
  boot: string | null;
}

interface RunningRow {
  boot: string | null;
  group_path: string;
  from_ms: number;
  segment: number;
  monotonic_ms: number;
  memory_kib: number | null;
  memory_limit_kib: number | null;
  cpu_limit_ns_per_ms: number | null;
  frozen: number;
}

/** Meters that have not ended. What is looked up is remembered until `forget`, which a rollback wants. */
export class RunningMeters {
  readonly #database: DatabaseSync;
  readonly #rows: Rows;
  readonly #clocks: BootClocks;
  readonly #known = new Map<string, Running | null>();
  readonly #find: StatementSync;
  readonly #setBoot: StatementSync;
  readonly #load: StatementSync;
  readonly #insertMeter: StatementSync;
  readonly #insertSegment: StatementSync;
  readonly #save: StatementSync;
  readonly #drop: StatementSync;
  readonly #endSegment: StatementSync;
  readonly #endMeter: StatementSync;
  readonly #lastSegment: StatementSync;

  constructor(database: DatabaseSync, rows: Rows, clocks: BootClocks) {
    this.#database = database;
    this.#rows = rows;
    this.#clocks = clocks;
    this.#find = database.prepare('SELECT id, ended_ms, boot FROM meters WHERE kind = ? AND subject = ? AND life = ?');
    this.#setBoot = database.prepare('UPDATE meters SET boot = ? WHERE id = ?');
    this.#load = database.prepare(
      `SELECT m.boot, s.group_path, s.from_ms, r.segment, r.monotonic_ms, r.memory_kib, r.memory_limit_kib, r.cpu_limit_ns_per_ms,
       r.frozen FROM running r JOIN segments s ON s.id = r.segment
       JOIN meters m ON m.id = r.meter WHERE r.meter = ?`,
    );
    this.#insertMeter = database.prepare(
      `INSERT INTO meters (kind, subject, life, name, image, labels, began_ms, boot, host)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM host)) RETURNING id`,
    );
    this.#insertSegment = database.prepare('INSERT INTO segments (meter, group_path, from_ms) VALUES (?, ?, ?) RETURNING id');
    this.#save = database.prepare(
      `INSERT INTO running (meter, segment, monotonic_ms, memory_kib, memory_limit_kib, cpu_limit_ns_per_ms, frozen)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (meter) DO UPDATE SET segment = excluded.segment,
       monotonic_ms = excluded.monotonic_ms, memory_kib = excluded.memory_kib, memory_limit_kib = excluded.memory_limit_kib,
       cpu_limit_ns_per_ms = excluded.cpu_limit_ns_per_ms, frozen = excluded.frozen`,
    );
    this.#drop = database.prepare('DELETE FROM running WHERE meter = ?');
    this.#endSegment = database.prepare('UPDATE segments SET to_ms = ? WHERE id = ?');
    this.#endMeter = database.prepare('UPDATE meters SET ended_ms = ?, record = ? WHERE id = ?');
    this.#lastSegment = database.prepare('SELECT id, group_path FROM segments WHERE meter = ? ORDER BY id DESC LIMIT 1');
  }

  /** Null: it has ended. One that is not known yet begins, with what its first reading says. */
  open(info: MeterInfo, first: FirstReading): Running | null {
    const key = keyOf(info);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const running = this.#lookUp(info, first);
    this.#known.set(key, running);
    return running;
  }

  /** As it is after a reading. */
  save(running: Running): void {
    const { meter, segment, monotonicMs, memoryKib, reserved, frozen } = running;
    this.#save.run(meter, segment, monotonicMs, memoryKib, reserved.memoryKib, reserved.cpuNsPerMs, Number(frozen));
  }

  /** Its next readings belong to another segment, which begins where this one ends. */
  move(running: Running, group: string): number {
    this.#endSegment.run(running.last.atMs, running.segment);
    const { id } = this.#insertSegment.get(running.meter, group, running.last.atMs) as { id: number };
    Object.assign(running, { segment: id, group });
    return id;
  }

  end(info: MeterKey, running: Running, record: string): void {
    this.#endSegment.run(running.last.atMs, running.segment);
    this.#endMeter.run(running.last.atMs, record, running.meter);
    this.#drop.run(running.meter);
    // A meter's end may be told again, soon.
    this.#known.set(keyOf(info), null);
  }

  forget(): void {
    this.#known.clear();
  }

  /** Ends are remembered for as long as one batch takes. */
  forgetEnded(): void {
    for (const [key, running] of this.#known) if (running === null) this.#known.delete(key);
  }

  #lookUp(info: MeterInfo, first: FirstReading): Running | null {
    const found = this.#find.get(info.kind, info.subject, info.life) as FoundMeter | undefined;
    if (found === undefined) return this.#begin(info, first);
    // It goes on since before meters had this, and its rows are labelled by the clock as it is.
    if (found.boot === null && found.ended_ms === null && info.boot !== null && this.#clocks.shiftMs(info.boot.id) === 0) {
      this.#setBoot.run(info.boot.id, found.id);
    }
    if (found.ended_ms !== null && info.kind === 'container') return null;
    const running = found.ended_ms === null ? this.#loaded(found.id) : this.#again(found, first);
    if (running !== null) return running;
    // Its rows are not whole: it is counted from its beginning again, as the kernel does.
    dropMeter(this.#database, found.id);
    return this.#begin(info, first);
  }

  #begin(info: MeterInfo, first: FirstReading): Running {
    const { kind, subject, life, name, image, labels, beganMs, boot } = info;
    const values = [kind, subject, life, name, image, JSON.stringify(labels), beganMs, boot?.id ?? null];
    const { id: meter } = this.#insertMeter.get(...values) as { id: number };
    const { id: segment } = this.#insertSegment.get(meter, first.group, beganMs) as { id: number };
    return { ...first, meter, segment, boot: boot?.id ?? null, last: { atMs: beganMs, totals: nothing() } };
  }

  /** Null: it lacks rows. */
  #loaded(meter: number): Running | null {
    const row = this.#load.get(meter) as unknown as RunningRow | undefined;
    if (row === undefined) return null;
    return {
      meter,
      segment: row.segment,
      group: row.group_path,
      boot: row.boot,
      last: this.#rows.before(row.segment, Number.MAX_SAFE_INTEGER) ?? { atMs: row.from_ms, totals: nothing() },
      monotonicMs: row.monotonic_ms,
      memoryKib: row.memory_kib,
      reserved: { memoryKib: row.memory_limit_kib, cpuNsPerMs: row.cpu_limit_ns_per_ms },
      frozen: row.frozen === 1,
    };
  }

  /** A group's cgroup that was about to go, and turned out to be in use. Null: it lacks rows. */
  #again({ id: meter, boot }: FoundMeter, first: FirstReading): Running | null {
    const row = this.#lastSegment.get(meter) as { id: number; group_path: string } | undefined;
    if (row === undefined) return null;
    const { id: segment, group_path: group } = row;
    const last = this.#rows.before(segment, Number.MAX_SAFE_INTEGER) ?? { atMs: 0, totals: nothing() };
    this.#endSegment.run(null, segment);
    this.#endMeter.run(null, null, meter);
    return { ...first, meter, segment, group, boot, last };
  }
}

/** A meter's life has begun: nought of everything, and of what its kernel counts nobody knows yet whether it does. */
function nothing(): Totals {
  return { ...zero(), ...Object.fromEntries(COUNTERS.map((counter) => [counter, null])) };
}

/** The kernel's counters after a reading: they never fall in a meter's life, whatever order readings come in. */
export function counted(before: Totals, now: KernelCounters): Totals {
  return each((quantity) => {
    const [old, read] = [before[quantity], quantity in now ? now[quantity as keyof KernelCounters] : null];
    return read === null || (old !== null && old > read) ? old : read;
  });
}

function keyOf({ kind, subject, life }: MeterKey): string {
  return `${kind} ${subject} ${life}`;
}
