import { expect, it } from 'vitest';
import { meanOf, pastRows } from './past-rows.ts';

it('has means, least and most where they differ, and breaks where nothing was read', () => {
  const history = { from: 1000, stepMs: 10, steps: 3, frozen: [], unseen: [], incidents: [], restarts: [] };
  const cpuCores = { mean: [1, null, 3], least: [0.5, null, 3], most: [2, null, 3] };
  const rows = pastRows({ ...history, columns: { cpuCores, pids: { mean: [4, null, 4] } } });
  expect(rows.map(({ time, cpuCores: cores, pids, memoryAnonBytes }) => [time, cores, pids, memoryAnonBytes])).toEqual([
    [1005, 1, 4, null],
    [1015, null, null, null],
    [1025, 3, 4, null],
  ]);
  expect(rows.map(({ bands }) => bands)).toEqual([{ cpuCores: [0.5, 2] }, {}, { cpuCores: [3, 3] }]);
  expect(meanOf(rows, 'cpuCores')).toBe(2);
  expect(meanOf(rows, 'memoryAnonBytes')).toBeNaN();
});
