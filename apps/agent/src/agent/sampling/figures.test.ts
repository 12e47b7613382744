import type { CgroupReading } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { figuresBetween } from './figures.ts';

function reading(more: Partial<CgroupReading>): CgroupReading {
  return {
    atNs: 0n,
    cpuUsageNs: 0n,
    cpuUserNs: 0,
    cpuSystemNs: 0,
    cpuPeriods: 0,
    cpuThrottledPeriods: 0,
    cpuThrottledNs: 0,
    memoryUsageBytes: 0,
    memoryInactiveFileBytes: 0,
    memoryAnonBytes: 0,
    memoryFileBytes: 0,
    memoryKernelBytes: 0,
    ioReadBytes: 0,
    ioWriteBytes: 0,
    ioReadOps: 0,
    ioWriteOps: 0,
    pids: 1,
    ...more,
  };
}

test('rates divide by the time that really passed', () => {
  const figures = figuresBetween(
    reading({ atNs: 1_000_000_000n, cpuUsageNs: 5n, ioReadBytes: 100 }),
    reading({ atNs: 3_500_000_000n, cpuUsageNs: 5_000_000_005n, ioReadBytes: 1100, cpuPeriods: 25, cpuThrottledPeriods: 5 }),
  );
  expect(figures).toMatchObject({ cpuUsageNs: 5_000_000_005n, cpuCores: 2, ioReadBytesPerS: 400, cpuThrottledShare: 0.2 });
});

test('counters beyond 2^53 lose nothing', () => {
  const huge = 2n ** 60n;
  expect(figuresBetween(reading({ cpuUsageNs: huge }), reading({ atNs: 10n ** 9n, cpuUsageNs: huge + 3n }))).toMatchObject({
    cpuUsageNs: huge + 3n,
    cpuCores: 3e-9,
  });
});

test('without an earlier reading there are gauges alone', () => {
  const figures = figuresBetween(null, reading({ memoryUsageBytes: 10, memoryInactiveFileBytes: 30, pids: 3 }));
  expect(figures).toMatchObject({
    memoryWorkingSetBytes: 0,
    pids: 3,
    cpuCores: Number.NaN,
    ioWriteOpsPerS: Number.NaN,
    cpuThrottledShare: Number.NaN,
  });
});

test('a cpu counter that went backwards is another life: everything starts anew', () => {
  const figures = figuresBetween(
    reading({ atNs: 0n, cpuUsageNs: 9n }),
    reading({ atNs: 10n ** 9n, cpuUsageNs: 3n, ioReadBytes: 7 }),
  );
  expect(figures).toMatchObject({ cpuUsageNs: 3n, cpuCores: Number.NaN, ioReadBytesPerS: Number.NaN });
});

test('a counter that this host lacks gives no figure, and takes none from the others', () => {
  const figures = figuresBetween(
    reading({ ioReadBytes: Number.NaN }),
    reading({ atNs: 10n ** 9n, cpuUsageNs: 10n ** 9n, ioReadBytes: Number.NaN }),
  );
  expect(figures).toMatchObject({ cpuCores: 1, ioReadBytesPerS: Number.NaN });
});
