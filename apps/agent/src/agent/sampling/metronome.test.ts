import { expect, test } from 'vitest';
import { Metronome } from './metronome.ts';

/** Half of it is what a busy host may be late. */
const INTERVAL_MS = 400;

test('beats keep in step, and a long one makes those it covers drop out', async () => {
  const beats: number[] = [];
  const done = Promise.withResolvers<void>();
  const start = performance.now();
  using _ = new Metronome(INTERVAL_MS, () => {
    beats.push((performance.now() - start) / INTERVAL_MS);
    if (beats.length === 2) while (performance.now() - start < 4.3 * INTERVAL_MS);
    if (beats.length === 4) done.resolve();
  });
  await done.promise;
  // 1, 2, what 3 and 4 are late for, and 5 or, where that one was late as well, 6.
  expect(beats.slice(0, 2).map(Math.round)).toEqual([1, 2]);
  expect(beats[2]).toBeGreaterThan(4.2);
  expect((beats[3] ?? 0) - (beats[2] ?? 0)).toBeGreaterThan(0.4);
});
