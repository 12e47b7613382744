import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('what is asked for while it is under way is done once more after it, however often', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const ask = oneAtATime(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const finish = async (run: number) => {
    runs[run]?.resolve();
    await runs[run]?.promise;
    await Promise.resolve();
  };
  ask();
  expect(runs).toHaveLength(1);
  for (let i = 0; i < 5; i += 1) ask();
  expect(runs).toHaveLength(1);
  await finish(0);
  expect(runs).toHaveLength(2);
  await finish(1);
  expect(runs).toHaveLength(2);
  ask();
  expect(runs).toHaveLength(3);
});
