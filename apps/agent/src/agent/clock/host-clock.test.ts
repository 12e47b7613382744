import { expect, test } from 'vitest';
import { HostClock, type Jump } from './host-clock.ts';

const NOON = Date.parse('2026-01-31T12:00:00Z');
const HOUR = 3_600_000;

/** Clocks that a test moves: up for an hour at NOON. */
class Clocks {
  upMs = HOUR;
  asleepMs = 0;
  wrongMs = 0;

  readonly read = () => ({
    monotonicNs: ns(this.upMs),
    bootNs: ns(this.upMs + this.asleepMs),
    realNs: ns(NOON - HOUR + this.upMs + this.asleepMs + this.wrongMs),
  });
}

function ns(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

function watched(clocks: Clocks, before: ConstructorParameters<typeof HostClock>[0] = null): { clock: HostClock; jumps: Jump[] } {
  const clock = new HostClock(before, clocks.read, 'boot');
  const jumps: Jump[] = [];
  clock.on('jumped', (jump) => jumps.push(jump));
  return { clock, jumps };
}

test('a clock that is set is seen at the next look, once, with how far and from when to when', () => {
  const clocks = new Clocks();
  const { clock, jumps } = watched(clocks);
  expect(clock.look()).toBe(false);
  Object.assign(clocks, { wrongMs: 2 * HOUR, upMs: HOUR + 5 });
  expect([clock.look(), clock.look()]).toEqual([true, false]);
  expect(jumps).toEqual([{ byMs: 2 * HOUR, wallMs: NOON + 2 * HOUR + 5, wouldBeMs: NOON + 5 }]);
  expect(clock.wallMsOf(HOUR)).toBe(NOON + 2 * HOUR);
  clocks.wrongMs = 0;
  clock.look();
  expect(jumps[1]?.byMs).toBe(-2 * HOUR);
  expect(clock.wallMsOf(HOUR)).toBe(NOON);
});

test('slewing, sleep and what reading two clocks takes are no jumps', () => {
  const clocks = new Clocks();
  const { clock, jumps } = watched(clocks);
  for (let i = 0; i < 1000; i++) {
    // The kernel slews all clocks alike, at 500 ppm at most (adjtimex(2)).
    Object.assign(clocks, { upMs: clocks.upMs + 1000.5, wrongMs: i % 2 === 0 ? 0 : 3 });
    clock.look();
  }
  clocks.asleepMs = 8 * HOUR;
  clock.look();
  expect(jumps).toEqual([]);
  expect(clock.bootMsOf(clocks.upMs)).toBe(Math.round(clocks.upMs + 8 * HOUR));
});

test('small steps add up to one that is seen', () => {
  const clocks = new Clocks();
  const { clock, jumps } = watched(clocks);
  for (const wrongMs of [40, 80, 120]) {
    clocks.wrongMs = wrongMs;
    clock.look();
  }
  expect(jumps.map(({ byMs }) => byMs)).toEqual([120]);
});

test('a jump while no agent was there is seen by the next one of the same boot', () => {
  const clocks = new Clocks();
  const { clock: before } = watched(clocks);
  clocks.wrongMs = -HOUR;
  const { clock, jumps } = watched(clocks, before.offset);
  clock.look();
  expect(jumps.map(({ byMs }) => byMs)).toEqual([-HOUR]);
  const ofAnotherBoot = watched(clocks, { ...before.offset, bootId: 'another' });
  expect(ofAnotherBoot.clock.look()).toBe(false);
});

test('for an hour after a start or a jump nobody relies on the clock for ages', () => {
  const clocks = new Clocks();
  clocks.upMs = HOUR - 1;
  const { clock } = watched(clocks);
  expect(clock.settledMs()).toBeNull();
  clocks.upMs = HOUR;
  expect(clock.settledMs()).toBe(NOON);
  clocks.wrongMs = HOUR;
  clock.look();
  expect(clock.settledMs()).toBeNull();
  clocks.upMs += HOUR;
  expect(clock.settledMs()).toBe(NOON + 2 * HOUR);
  expect(watched(clocks, { ...clock.offset, jumpedAtMs: clocks.upMs }).clock.settledMs()).toBeNull();
});

test('of a clock that is set twice an hour ages count after six hours, also for the next agent, by its earliest', () => {
  const clocks = new Clocks();
  clocks.upMs = 100 * HOUR;
  let { clock } = watched(clocks);
  const later: (number | null)[] = [];
  for (let half = 0; half < 30; half++) {
    clocks.wrongMs += 5000;
    clock.look();
    const settledMs = clock.settledMs();
    later.push(settledMs === null ? null : clock.now().wallMs - settledMs);
    if (half % 5 === 0) ({ clock } = watched(clocks, clock.offset));
    clocks.upMs += HOUR / 2;
  }
  expect(later.slice(0, 12)).toEqual(Array.from({ length: 12 }, () => null));
  expect(later.slice(12)).not.toContain(null);
  for (const ms of later.slice(12)) expect(ms).toBeLessThanOrEqual(12 * 5000);
  // A clock that is years ahead makes nothing old, until an hour has passed without a jump.
  clocks.wrongMs += 9000 * HOUR;
  clock.look();
  expect(clock.ages({ daysMs: 1 })?.daysMs).toBeGreaterThan(9000 * HOUR);
  clocks.upMs += HOUR;
  expect(clock.ages({ daysMs: 1 })).toEqual({ daysMs: 1 });
  clocks.wrongMs -= 9000 * HOUR;
  clock.look();
  expect([clock.settledMs(), clock.ages({ daysMs: 1 })]).toEqual([null, null]);
});

test('this host’s clocks agree with Node’s', () => {
  const clock = new HostClock();
  expect(Math.abs(clock.now().wallMs - Date.now())).toBeLessThan(1000);
  expect(clock.bootId).toMatch(/^[0-9a-f-]{36}$/);
});
