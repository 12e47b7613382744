import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { MemoryIntegral, type MemorySample } from './memory-integral.ts';

const PAGE_KIB = 4;
/** What memory.stat may be behind by. */
const SLACK_KIB = 1024 * availableParallelism();
const KIB = 1_000_000;

function integral(): MemoryIntegral {
  return new MemoryIntegral(3000, () => PAGE_KIB);
}

function sample(atMs: number, kib: number | null, more: Partial<MemorySample> = {}): MemorySample {
  return { atMs, kib, anonKib: kib, pageFaults: 100, peakKib: KIB, ...more };
}

test('is the area below straight lines between samples', () => {
  const memory = integral();
  for (const one of [sample(0, 0), sample(100, 1000), sample(1100, 1000), sample(1200, 0)]) memory.sample(one);
  expect(memory.take()).toMatchObject({ memoryKibMs: 1_100_000, sampledMs: 1200, gapMs: 0 });
  expect(memory.kib).toBe(0);
  memory.sample(sample(1300, 100));
  expect(memory.take()).toMatchObject({ memoryKibMs: 5000, sampledMs: 100 });
});

test('goes on over a gap, and says how long that is', () => {
  const memory = integral();
  memory.sample(sample(0, 1000));
  memory.sample(sample(4000, 3000));
  expect(memory.take()).toMatchObject({ memoryKibMs: 8_000_000, sampledMs: 4000, gapMs: 4000 });
});

test('a sample that comes late, or of a host that does not tell, adds nothing', () => {
  const memory = integral();
  memory.sample(sample(100, 1000));
  memory.sample(sample(50, 5000));
  expect(memory.kib).toBe(1000);
  memory.sample(sample(200, null));
  memory.sample(sample(300, 1000));
  expect(memory.take()).toMatchObject({ memoryKibMs: 0, sampledMs: 0 });
});

test('what is held still is at least what there is, less what the kernel’s figures may be behind by', () => {
  const memory = integral();
  memory.sample(sample(0, KIB));
  memory.sample(sample(1000, KIB));
  expect(memory.take()).toMatchObject({ memoryLeastKibMs: (KIB - SLACK_KIB) * 1000, memoryMostKibMs: KIB * 1000 });
});

test('page faults may have brought back what was gone between two samples', () => {
  const memory = integral();
  memory.sample(sample(0, KIB));
  memory.sample(sample(1000, KIB, { pageFaults: 100 + 50_000 }));
  expect(memory.take().memoryLeastKibMs).toBe((KIB - 50_000 * PAGE_KIB - SLACK_KIB) * 1000);
  memory.sample(sample(2000, KIB, { pageFaults: 1e9 }));
  memory.sample(sample(3000, KIB, { pageFaults: null }));
  expect(memory.take().memoryLeastKibMs).toBe(0);
});

test('a burst between two samples is no more than the peak, and where there is none than all memory of the host', () => {
  const memory = integral();
  memory.sample(sample(0, 1000, { peakKib: 1000 }));
  memory.sample(sample(1000, 1000, { peakKib: 5000 }));
  expect(memory.take().memoryMostKibMs).toBe(5_000_000);
  memory.sample(sample(2000, 1000, { peakKib: null }));
  expect(memory.take().memoryMostKibMs).toBeGreaterThan(2 ** 18 * 1000);
});
