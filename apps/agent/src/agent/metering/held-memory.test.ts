import { expect, test } from 'vitest';
import { Ledger } from '../ledger/ledger.ts';
import { NOON, Subject } from '../ledger/ledger.fixture.ts';
import { MemoryIntegral, type MemorySample } from './memory-integral.ts';
import { YOUNG_AGES_MS } from './young-sampler.ts';

const KIB = 200 * 1024;
const [FILL_FROM_MS, FILL_UNTIL_MS] = [10, 90];
const TICK_MS = 1000;

/** Of a payload that fills its memory and holds it to its end. */
function kibAt(ms: number): number {
  return Math.max(0, Math.min(1, (ms - FILL_FROM_MS) / (FILL_UNTIL_MS - FILL_FROM_MS))) * KIB;
}

/** What the ledger has of one that lived so long, where the first tick came at an age. */
function billed(lifeMs: number, tickMs: number): { least: number; used: number; most: number } {
  const ticks = Array.from({ length: 10 }, (_, i) => tickMs + i * TICK_MS);
  const memory = new MemoryIntegral(3 * TICK_MS, () => 4);
  const sampleAt = (ms: number): MemorySample => {
    const kib = kibAt(ms);
    return { atMs: ms, kib, anonKib: kib, pageFaults: kib / 4, peakKib: kib };
  };
  using ledger = new Ledger(':memory:', '00000000-0000-4000-8000-000000000000');
  const one = new Subject('a');
  memory.sample(sampleAt(3));
  ledger.record({ readings: [one.at(3, 0, { memoryKib: kibAt(3), memoryPeakKib: kibAt(3), ...memory.take() })], ends: [] });
  const ages = [...YOUNG_AGES_MS, ...ticks].filter((age) => age > 3 && age < lifeMs).toSorted((a, b) => a - b);
  for (const age of ages) memory.sample(sampleAt(age));
  const end = one.end(lifeMs, 0, { ...memory.take(), memoryKib: memory.kib, memoryPeakKib: KIB });
  ledger.record({ readings: [], ends: [end] });
  const { steps } = ledger.usage({ boundariesMs: [NOON, NOON + 60_000], aggregate: 'image' });
  const totals = steps[0]?.rows[0]?.totals;
  const { memoryLeastKibMs = null, memoryKibMs = 0n, memoryMostKibMs = null } = totals ?? {};
  return { least: Number(memoryLeastKibMs), used: Number(memoryKibMs), most: Number(memoryMostKibMs) };
}

test.each([1000, 1001, 1400, 1799, 2000, 2500, 5000])(
  'memory that is held for %i ms is billed to 5 percent, wherever the ticks fall',
  (lifeMs) => {
    const truth = KIB * (lifeMs - (FILL_FROM_MS + FILL_UNTIL_MS) / 2);
    for (let tickMs = 1; tickMs <= TICK_MS; tickMs += 37) {
      const { least, used, most } = billed(lifeMs, tickMs);
      expect(Math.abs(used / truth - 1), `first tick at ${tickMs} ms`).toBeLessThan(0.05);
      expect(least).toBeLessThanOrEqual(truth);
      expect(most).toBeGreaterThanOrEqual(truth);
    }
  },
);

test.each([20, 60, 100, 300, 700])('of a life of %i ms the bound contains what was used', (lifeMs) => {
  let truth = 0;
  for (let ms = 0; ms < lifeMs; ms++) truth += kibAt(ms + 0.5);
  for (let tickMs = 1; tickMs <= TICK_MS; tickMs += 37) {
    const { least, most } = billed(lifeMs, tickMs);
    expect(least).toBeLessThanOrEqual(truth);
    expect(most).toBeGreaterThanOrEqual(truth);
  }
});
