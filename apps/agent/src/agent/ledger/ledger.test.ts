import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { counters, DAY, HOUR, MINUTE, NO_SAMPLES, NOON, SECOND, Subject } from './ledger.fixture.ts';
import { Ledger } from './ledger.ts';
import type { Totals } from './quantities.ts';

const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';
const FOR_GOOD = { minutesMs: 1e15, hoursMs: 1e15, daysMs: 1e15 };

let directory: string;
let ledger: Ledger;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-ledger-'));
  ledger = new Ledger(join(directory, 'ledger.db'), HOST);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

function reopen(): void {
  ledger[Symbol.dispose]();
  ledger = new Ledger(join(directory, 'ledger.db'), HOST);
}

/** From one offset from NOON to another, of everything. */
function used(fromMs: number, toMs: number): Totals | undefined {
  const { steps } = ledger.usage({ boundariesMs: [NOON + fromMs, NOON + toMs], aggregate: 'image' });
  return steps[0]?.rows[0]?.totals;
}

describe('a container', () => {
  test('has used what the kernel counted last, whatever was read before', () => {
    const one = new Subject('a');
    ledger.record({ readings: [one.at(MINUTE, 7), one.at(2 * MINUTE, 9)], ends: [] });
    ledger.record({ readings: [], ends: [one.end(2 * MINUTE + 1, 18_446_744_073n)] });
    expect(used(0, HOUR)).toMatchObject({ cpuNs: 18_446_744_073n, elapsedMs: 120_001n, estimatedMs: 0n });
    expect(ledger.verify().problems).toEqual([]);
  });

  test('is there as well when nobody read it while it ran', () => {
    ledger.record({ readings: [], ends: [new Subject('a').end(3, 5_000_001, NO_SAMPLES)] });
    const memory = { memoryKibMs: 3000n, memoryLeastKibMs: 0n, memoryMostKibMs: 6000n };
    expect(used(0, HOUR)).toMatchObject({ cpuNs: 5_000_001n, elapsedMs: 3n, estimatedMs: 3n, ...memory });
  });

  test('is not counted twice by an end, or a reading, that comes again', () => {
    const one = new Subject('a');
    const reading = one.at(MINUTE, 7);
    const end = one.end(2 * MINUTE, 9);
    ledger.record({ readings: [reading], ends: [end, end] });
    reopen();
    ledger.record({ readings: [reading], ends: [end] });
    expect(used(0, HOUR)).toMatchObject({ cpuNs: 9n, elapsedMs: 120_000n, memoryKibMs: 120_000_000n });
    expect(ledger.verify()).toMatchObject({ meters: 1, problems: [] });
  });

  test('that is started again begins another meter', () => {
    ledger.record({ readings: [], ends: [new Subject('a', '1').end(MINUTE, 5), new Subject('a', '2').end(2 * MINUTE, 6)] });
    const { steps } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'container' });
    expect(steps[0]?.rows).toMatchObject([{ key: 'a', name: 'name-a', totals: { cpuNs: 11n }, containers: 2, running: 0 }]);
  });

  test('is known by its last name, in all that it has used', () => {
    const [first, second] = [new Subject('a', '1'), new Subject('a', '2')];
    ledger.record({ readings: [second.at(2 * MINUTE, 6)], ends: [first.end(MINUTE, 5)], names: new Map([['a', 'new']]) });
    for (const container of ['new', 'a']) {
      const { steps } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'container', container });
      expect(steps[0]?.rows).toMatchObject([{ key: 'a', name: 'new', totals: { cpuNs: 11n } }]);
    }
    const { steps } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'container', container: 'name-a' });
    expect(steps[0]?.rows).toEqual([]);
  });

  test('goes on where a killed agent left off: counters exact, memory of the hole estimated and marked', () => {
    const one = new Subject('a');
    ledger.record({ readings: [one.at(MINUTE, 100)], ends: [] });
    reopen();
    const later = one.at(11 * MINUTE, 5000, { memoryKib: 3000, ...NO_SAMPLES });
    ledger.record({ readings: [later], ends: [] });
    expect(used(0, HOUR)).toMatchObject({
      ...{ cpuNs: 5000n, elapsedMs: BigInt(11 * MINUTE), estimatedMs: BigInt(10 * MINUTE) },
      memoryKibMs: BigInt(1000 * MINUTE + 2000 * 10 * MINUTE),
    });
  });

  test('that nobody could read at its end keeps what was read last', () => {
    const one = new Subject('a');
    ledger.record({
      readings: [one.at(MINUTE, 100)],
      ends: [one.end(5 * MINUTE, null, { elapsedMs: null, ...NO_SAMPLES })],
    });
    expect(used(0, HOUR)).toMatchObject({ cpuNs: 100n, elapsedMs: BigInt(5 * MINUTE) });
    expect(ledger.verify().problems).toEqual([]);
  });

  test('lacks what its host does not count, and has what it counts beyond 2^53', () => {
    const one = new Subject('a');
    const huge = 2n ** 60n + 1n;
    ledger.record({ readings: [one.at(MINUTE, huge, { counters: counters(huge, { ioReadBytes: huge }) })], ends: [] });
    expect(used(0, HOUR)).toMatchObject({ cpuNs: huge, ioReadBytes: huge, ioWriteBytes: null, netSentBytes: null });
  });
});

describe('what is reserved, and how long it was frozen', () => {
  test('goes by what was in force since the reading before, not by what is now', () => {
    const one = new Subject('a');
    const reserved = (memoryKib: number | null, cpuNsPerMs: number | null) => ({ reserved: { memoryKib, cpuNsPerMs } });
    ledger.record({
      readings: [
        one.at(10 * SECOND, 0, reserved(2048, 500_000)),
        one.at(25 * SECOND, 0, { ...reserved(4096, null), frozen: true }),
        one.at(30 * SECOND, 0, reserved(4096, null)),
      ],
      ends: [one.end(31 * SECOND, 0)],
    });
    expect(used(0, HOUR)).toMatchObject({
      memoryReservedKibMs: BigInt(25 * SECOND * 2048 + 6 * SECOND * 4096),
      cpuReservedNs: BigInt(25 * SECOND) * 500_000n,
      frozenMs: BigInt(5 * SECOND),
    });
  });
});

test('a wall clock that jumps moves no quantity, and no reading before another', () => {
  const one = new Subject('a');
  const jumped = (ms: number, wallMs: number, cpuNs: number) => one.at(ms, cpuNs, { atMs: NOON + wallMs });
  const readings = [one.at(MINUTE, 10), jumped(2 * MINUTE, -DAY, 20), jumped(3 * MINUTE, 3 * DAY, 30)];
  ledger.record({ readings, ends: [one.end(4 * MINUTE, 40, { atMs: NOON + 2 * DAY })] });
  expect(used(-2 * DAY, 4 * DAY)).toMatchObject({ cpuNs: 40n, elapsedMs: BigInt(4 * MINUTE), estimatedMs: 0n });
  expect(ledger.verify().problems).toEqual([]);
});

test('windows that meet add up to the whole, wherever they are cut', () => {
  const one = new Subject('a');
  const readings = Array.from({ length: 60 }, (_, i) => one.at((i + 1) * MINUTE, BigInt(i + 1) ** 5n));
  ledger.record({ readings, ends: [one.end(HOUR + 77, 60n ** 5n + 13n)] });
  const cuts = [0, 1, 59_999, 60_000, 60_001, 1_234_567, 2_000_003, HOUR, HOUR + 50, 2 * HOUR];
  const { steps } = ledger.usage({ boundariesMs: cuts.map((ms) => NOON + ms), aggregate: 'image' });
  expect(steps.flatMap(({ rows }) => rows).reduce((sum, { totals }) => sum + totals.cpuNs, 0n)).toBe(60n ** 5n + 13n);
  expect(steps[1]?.rows[0]?.totals.cpuNs).toBe(0n);
});

test('steps add up to the whole, of any meters, cut anywhere, whatever is rolled up', () => {
  // A generator with a seed: a failure can be repeated (Numerical Recipes, ch. 7.1).
  let seed = 20_260_131;
  const random = (below: number) => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) % below;
  for (let i = 0; i < 30; i++) {
    const one = new Subject(`c${i}`);
    const beganMs = random(2 * DAY);
    one.info.beganMs = NOON + beganMs;
    let [ms, cpuNs] = [beganMs, 0];
    const readings = Array.from({ length: random(40) }, () => {
      ms += 1 + random(5 * HOUR);
      cpuNs += random(1e9);
      return one.at(ms, cpuNs, { group: `g${random(3)}` });
    });
    const isOver = random(2) === 0;
    ledger.record({ readings, ends: isOver ? [one.end(ms + 5, cpuNs + 1, { group: 'g0', elapsedMs: null })] : [] });
  }
  const check = (): void => {
    for (let i = 0; i < 20; i++) {
      const fromMs = NOON - DAY + random(4 * DAY);
      const stepMs = 60_000 + random(i % 2 === 0 ? DAY : 2 * DAY);
      const boundariesMs = Array.from({ length: 2 + random(20) }, (_, step) => fromMs + step * stepMs);
      const bySteps = ledger.usage({ boundariesMs, aggregate: 'group' });
      const whole = ledger.usage({ boundariesMs: [fromMs, boundariesMs.at(-1) ?? 0], aggregate: 'group' });
      const sumOf = (steps: typeof whole.steps) => {
        const rows = steps.flatMap((step) => step.rows);
        return ['g0', 'g1', 'g2'].map((group) =>
          rows.filter(({ key }) => key === group).reduce((sum, { totals }) => sum + totals.cpuNs + totals.elapsedMs, 0n),
        );
      };
      expect(sumOf(bySteps.steps)).toEqual(sumOf(whole.steps));
      expect(bySteps.steps.flatMap(({ rows }) => rows).every(({ totals }) => totals.cpuNs >= 0n)).toBe(true);
    }
  };
  check();
  ledger.rollUp(NOON + 20 * DAY, FOR_GOOD);
  check();
  ledger.rollUp(NOON + 20 * DAY, { minutesMs: 1, hoursMs: 1e15, daysMs: 1e15 });
  check();
  expect(ledger.verify().problems).toEqual([]);
});

test('a move to another group closes one segment and opens the next', () => {
  const one = new Subject('a');
  const readings = [
    one.at(MINUTE, 100),
    one.at(2 * MINUTE, 150, { group: 'acme/web' }),
    one.at(3 * MINUTE, 450, { group: 'acme/web' }),
  ];
  ledger.record({ readings: readings.slice(0, 2), ends: [] });
  reopen();
  ledger.record({ readings: readings.slice(2), ends: [one.end(4 * MINUTE, 1000, { group: 'acme/web' })] });
  const { steps } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'group' });
  expect(steps[0]?.rows.map(({ key, totals }) => [key, totals.cpuNs])).toEqual([
    ['acme/web', 850n],
    ['default', 150n],
  ]);
  expect(used(0, 2 * MINUTE)?.cpuNs).toBe(150n);
  expect(ledger.verify().problems).toEqual([]);
});

describe('a group', () => {
  const asGroup = (ms: number, cpuNs: number, life = 'boot:1') =>
    new Subject('acme', life, 'group').at(ms, cpuNs, { group: 'acme' });

  test('shows what its members, past ones too, do not come to', () => {
    const [a, b] = [new Subject('a'), new Subject('b')];
    const inAcme = { group: 'acme' };
    ledger.record({
      readings: [a.at(MINUTE, 100, inAcme), asGroup(MINUTE, 130)],
      ends: [a.end(2 * MINUTE, 200, inAcme), b.end(2 * MINUTE, 50, { group: 'acme/web' })],
    });
    ledger.record({ readings: [asGroup(3 * MINUTE, 300)], ends: [] });
    const { groups } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'group' });
    expect(groups).toMatchObject([{ group: 'acme', counted: { cpuNs: 300n }, attributed: { cpuNs: 250n } }]);
    expect(ledger.verify().problems).toEqual([]);
  });

  test('that is less than its members is said to be wrong', () => {
    ledger.record({ readings: [asGroup(MINUTE, 10)], ends: [new Subject('a').end(MINUTE, 11, { group: 'acme' })] });
    expect(ledger.verify().problems).toEqual(['group "acme": its cgroup counted 10 of cpuNs, and its members come to 11']);
  });

  test('whose cgroup is made anew counts on from there; one that was not removed after all goes on', () => {
    const group = new Subject('acme', 'boot:1', 'group');
    const inAcme = { group: 'acme' };
    ledger.record({ readings: [group.at(MINUTE, 10, inAcme)], ends: [group.end(2 * MINUTE, 12, inAcme)] });
    ledger.record({ readings: [group.at(3 * MINUTE, 15, inAcme)], ends: [group.end(4 * MINUTE, 20, inAcme)] });
    ledger.record({ readings: [asGroup(5 * MINUTE, 7, 'boot:2')], ends: [] });
    const { groups } = ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'group' });
    expect(groups).toMatchObject([{ counted: { cpuNs: 27n } }]);
    expect(ledger.verify().problems).toEqual([]);
  });

  test('of another boot has ended', () => {
    ledger.record({ readings: [asGroup(MINUTE, 10)], ends: [] });
    ledger.endGroupsOfOtherBoots('boot');
    ledger.endGroupsOfOtherBoots('another');
    reopen();
    expect(ledger.usage({ boundariesMs: [NOON, NOON + HOUR], aggregate: 'group' }).groups).toMatchObject([
      { counted: { cpuNs: 10n, elapsedMs: BigInt(MINUTE) } },
    ]);
  });

  test('of another boot had counted what ends of its members say that became known after its last reading', () => {
    const member = new Subject('a');
    const inWeb = { group: 'acme/web' };
    const web = new Subject('acme/web', 'boot:2', 'group');
    ledger.record({ readings: [asGroup(MINUTE, 12), web.at(MINUTE, 10, inWeb), member.at(MINUTE, 9, inWeb)], ends: [] });
    ledger.record({ readings: [], ends: [member.end(MINUTE + 5, 14, inWeb)] });
    expect(ledger.verify().problems).toHaveLength(2);
    ledger.endGroupsOfOtherBoots('another');
    reopen();
    expect(ledger.verify()).toMatchObject({ problems: [], groups: [{ counted: { cpuNs: 14n } }, { counted: { cpuNs: 14n } }] });
  });
});

describe('roll-ups', () => {
  /** Two days of one that runs on, and of one that ended, minute by minute. */
  function twoDays(): void {
    const [a, b] = [new Subject('a'), new Subject('b')];
    const minutes = Array.from({ length: 2 * 24 * 60 }, (_, i) => i + 1);
    ledger.record({ readings: minutes.map((i) => a.at(i * MINUTE + 137, BigInt(i) * 1_000_003n)), ends: [] });
    ledger.record({ readings: minutes.slice(0, 100).map((i) => b.at(i * MINUTE, i * 7)), ends: [b.end(101 * MINUTE, 709)] });
  }
  const all = () => used(-DAY, 10 * DAY);
  const byHour = () =>
    ledger.usage({ boundariesMs: Array.from({ length: 49 }, (_, i) => NOON + i * HOUR), aggregate: 'container' }).steps;

  test('change no sum: all at once, or hour by hour', () => {
    twoDays();
    const [before, hours] = [all(), byHour()];
    ledger.rollUp(NOON + 2 * DAY, FOR_GOOD);
    expect(ledger.verify().problems).toEqual([]);
    ledger.rollUp(NOON + 2 * DAY + HOUR, { minutesMs: HOUR, hoursMs: 1e15, daysMs: 1e15 });
    expect(all()).toEqual(before);
    const cpuOf = (steps: typeof hours) => steps.map(({ rows }) => rows.find(({ key }) => key === 'a')?.totals.cpuNs ?? 0n);
    for (const [i, cpuNs] of cpuOf(byHour()).entries()) expect(Number(cpuNs) / Number(cpuOf(hours)[i])).toBeCloseTo(1, 2);
    expect(cpuOf(byHour()).reduce((sum, one) => sum + one, 0n)).toBe(cpuOf(hours).reduce((sum, one) => sum + one, 0n));
    ledger.rollUp(NOON + 2 * DAY + HOUR, { minutesMs: HOUR, hoursMs: HOUR, daysMs: 1e15 });
    expect(all()).toEqual(before);
    expect(ledger.verify().problems).toEqual([]);
    expect(ledger.verify().readings).toBeLessThan(150);
  });

  test('have what comes after they were made', () => {
    const one = new Subject('a');
    ledger.record({ readings: [one.at(MINUTE, 5)], ends: [] });
    ledger.rollUp(NOON + 3 * DAY, FOR_GOOD);
    ledger.record({ readings: [], ends: [one.end(2 * HOUR, 9)] });
    ledger.rollUp(NOON + 3 * DAY, { minutesMs: 1, hoursMs: 1, daysMs: 1e15 });
    expect(all()?.cpuNs).toBe(9n);
    expect(ledger.verify().problems).toEqual([]);
  });
});

test('a batch that fails leaves nothing of itself', () => {
  const one = new Subject('a');
  ledger.record({ readings: [one.at(MINUTE, 5)], ends: [] });
  const whole = new Subject('b').at(MINUTE, 1);
  const broken = { ...whole, info: { ...whole.info, image: null as unknown as string } };
  expect(() => ledger.record({ readings: [one.at(2 * MINUTE, 6), broken], ends: [] })).toThrow(/cannot be bound|NOT NULL/);
  expect(used(0, HOUR)?.cpuNs).toBe(5n);
  ledger.record({ readings: [one.at(3 * MINUTE, 8)], ends: [] });
  expect(used(0, HOUR)).toMatchObject({ cpuNs: 8n, elapsedMs: BigInt(3 * MINUTE) });
});

test.each([
  [
    'UPDATE minutes SET cpu_ns = cpu_ns - 1 WHERE at_ms = (SELECT MAX(at_ms) FROM minutes)',
    /it ended with 30 of cpuNs, and the ledger has 29/,
  ],
  ['UPDATE minutes SET cpu_ns = 99 WHERE at_ms = (SELECT MIN(at_ms) FROM minutes)', /cpuNs fell|grains differ/],
  ['DELETE FROM minutes WHERE at_ms = (SELECT MAX(at_ms) FROM minutes)', /the ledger has 20/],
  ['UPDATE segments SET from_ms = from_ms + 3600000', /lies outside of its segment/],
])('somebody’s hand is seen: %s', (sql, problem) => {
  const one = new Subject('a');
  ledger.record({ readings: [one.at(MINUTE, 10), one.at(2 * MINUTE, 20)], ends: [one.end(3 * MINUTE, 30)] });
  expect(ledger.verify().problems).toEqual([]);
  const database = new DatabaseSync(join(directory, 'ledger.db'));
  database.exec(sql);
  database.close();
  expect(ledger.verify().problems.join('\n')).toMatch(problem);
});
