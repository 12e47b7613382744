import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { DAY, HOUR, MINUTE, NO_SAMPLES, NOON, SECOND, Subject } from './ledger.fixture.ts';
import { Ledger } from './ledger.ts';
import type { Totals } from './quantities.ts';
import { MIGRATIONS } from './schema.ts';

let directory: string;
let path: string;
let ledger: Ledger | null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-ledger-'));
  path = join(directory, 'ledger.db');
  ledger = null;
});
afterEach(() => {
  ledger?.[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

function opened(): Ledger {
  return (ledger ??= new Ledger(path, '00000000-0000-4000-8000-000000000000'));
}

type Bounds = [least: bigint | null, used: bigint, most: bigint | null];

/** KiB times ms of everything, from one offset from NOON to another. */
function bounds(fromMs: number, toMs: number, container?: string): Bounds | undefined {
  const asked = {
    boundariesMs: [NOON + fromMs, NOON + toMs],
    aggregate: 'image' as const,
    ...(container !== undefined && { container }),
  };
  const totals = opened().usage(asked).steps[0]?.rows[0]?.totals;
  return totals === undefined ? undefined : boundsOf(totals);
}

function boundsOf({ memoryLeastKibMs, memoryKibMs, memoryMostKibMs }: Totals): Bounds {
  return [memoryLeastKibMs, memoryKibMs, memoryMostKibMs];
}

test('are of the samples where there are any, and of the peak in the time without', () => {
  const one = new Subject('a');
  const end = one.end(2 * MINUTE, 9, { ...NO_SAMPLES, memoryKib: 1500, memoryPeakKib: 3000 });
  opened().record({ readings: [one.at(MINUTE, 7)], ends: [end] });
  expect(bounds(0, HOUR)).toEqual([BigInt(500 * MINUTE), BigInt(2500 * MINUTE), BigInt(5000 * MINUTE)]);
  expect(opened().verify().problems).toEqual([]);
});

test('of a host that knows no peak are its whole memory', () => {
  const end = new Subject('a').end(MINUTE, 9, { ...NO_SAMPLES, memoryPeakKib: null });
  opened().record({ readings: [], ends: [end] });
  const [least, used, most] = bounds(0, HOUR) ?? [];
  expect([least, used]).toEqual([0n, 0n]);
  expect(most).toBeGreaterThan(BigInt(2 ** 18 * MINUTE));
});

test('of a span that cuts readings hold wherever in between it was used', () => {
  const one = new Subject('a');
  opened().record({ readings: [one.at(MINUTE, 0), one.at(2 * MINUTE, 0), one.at(3 * MINUTE, 0)], ends: [] });
  const whole = (minutes: number, kib: number) => BigInt(minutes * MINUTE * kib);
  // All but the middle minute may have been used outside of it, or within.
  expect(bounds(30 * SECOND, 150 * SECOND)).toEqual([whole(1, 500), whole(2, 1000), whole(3, 2000)]);
  expect(bounds(70 * SECOND, 80 * SECOND)).toEqual([0n, BigInt(10 * SECOND * 1000), whole(1, 2000)]);
  expect(bounds(MINUTE, 2 * MINUTE)).toEqual([whole(1, 500), whole(1, 1000), whole(1, 2000)]);
  const boundariesMs = [0, 90, 150, 200].map((s) => NOON + s * SECOND);
  const { steps } = opened().usage({ boundariesMs, aggregate: 'group' });
  expect(steps.map(({ rows }) => rows[0] && boundsOf(rows[0].totals))).toEqual([
    [whole(1, 500), whole(1.5, 1000), whole(2, 2000)],
    [0n, whole(1, 1000), whole(2, 2000)],
    [0n, whole(0.5, 1000), whole(1, 2000)],
  ]);
});

test('that do not contain what was used are seen', () => {
  const one = new Subject('a');
  opened().record({ readings: [one.at(MINUTE, 10)], ends: [one.end(3 * MINUTE, 30)] });
  const database = new DatabaseSync(path);
  database.exec('UPDATE minutes SET memory_most_kib_ms = memory_kib_ms - 1');
  database.close();
  expect(opened().verify().problems.join()).toMatch(/is not between the least and the most/);
});

/** What the first version of the schema left: one container that ended, and one that goes on. */
function writeFirstVersion(): void {
  const database = new DatabaseSync(path);
  migrate(database, MIGRATIONS.slice(0, 1));
  database.exec(`
    INSERT INTO meters VALUES (1, 'container', 'old', '1', 'old', 'base', '{}', ${NOON}, ${NOON + MINUTE}, '');
    INSERT INTO meters VALUES (2, 'container', 'on', '1', 'on', 'base', '{}', ${NOON}, NULL, NULL);
    INSERT INTO segments VALUES (1, 1, 'default', ${NOON}, ${NOON + MINUTE}), (2, 2, 'default', ${NOON}, NULL);
    INSERT INTO running VALUES (2, 2, 65000, 1000, NULL, NULL, 0);
  `);
  const columns =
    '(segment, at_ms, cpu_ns, elapsed_ms, frozen_ms, memory_kib_ms, estimated_ms, memory_reserved_kib_ms, cpu_reserved_ns)';
  for (const segment of [1, 2]) {
    for (const grain of ['minutes', 'hours']) {
      database.exec(
        `INSERT INTO ${grain} ${columns} VALUES (${segment}, ${NOON + MINUTE}, 5, ${MINUTE}, 0, ${1000 * MINUTE}, 0, 0, 0)`,
      );
    }
  }
  database.close();
}

test('of a ledger from before there were any are unknown, and its meters go on', () => {
  writeFirstVersion();
  const [on, fresh] = [new Subject('on'), new Subject('new')];
  expect(bounds(0, HOUR)).toEqual([null, BigInt(2000 * MINUTE), null]);
  on.at(MINUTE, 5);
  on.info.boot = { id: 'boot', beganMs: 5000 };
  const clock = { bootId: 'boot', bootMs: 5000 + 2 * MINUTE, wallMs: NOON + 2 * MINUTE };
  const reading = on.at(2 * MINUTE, 9, { bootMs: 5000 + 2 * MINUTE });
  opened().record({ clock, readings: [reading], ends: [fresh.end(MINUTE, 3)] });
  expect(bounds(0, HOUR, 'on')).toEqual([null, BigInt(2000 * MINUTE), null]);
  expect(bounds(0, HOUR, 'new')).toEqual([BigInt(500 * MINUTE), BigInt(1000 * MINUTE), BigInt(2000 * MINUTE)]);
  // Unknown, as soon as part of it is.
  expect(bounds(0, HOUR)).toEqual([null, BigInt(4000 * MINUTE), null]);
  expect(opened().verify().problems).toEqual([]);
  // It belongs to this boot by now, and moves with its clock.
  opened().record({ clock: { ...clock, bootMs: clock.bootMs + 1, wallMs: clock.wallMs + DAY + 1 }, readings: [], ends: [] });
  expect(bounds(DAY, DAY + HOUR, 'on')?.[1]).toBe(BigInt(2000 * MINUTE));
  expect(bounds(0, HOUR, 'old')?.[1]).toBe(BigInt(1000 * MINUTE));
  expect(opened().verify().problems).toEqual([]);
});
