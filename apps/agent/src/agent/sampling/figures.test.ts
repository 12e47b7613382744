import { emptyReading, type CgroupReading } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { figuresBetween, Follower } from './figures.ts';

const S = 10n ** 9n;

function reading(more: Partial<CgroupReading>): CgroupReading {
  return { ...emptyReading(), atNs: S, cpuUsageNs: 0n, memoryUsageBytes: 0, memoryInactiveFileBytes: 0, pids: 1, ...more };
}

test('rates divide by the time that really passed', () => {
  const figures = figuresBetween(
    reading({ cpuUsageNs: 5n, ioReadBytes: 100, majorFaults: 1 }),
    reading({ atNs: S + 2_500_000_000n, cpuUsageNs: 5_000_000_005n, ioReadBytes: 1100, majorFaults: 6 }),
  );
  expect(figures).toMatchObject({ cpuUsageNs: 5_000_000_005n, cpuCores: 2, ioReadBytesPerS: 400, majorFaultsPerS: 2 });
});

test('those of the detail by the time between its readings, and they stay until it is read anew', () => {
  const follower = new Follower();
  const detail = (s: bigint, us: number, bytes: number, throttledNs: number): Partial<CgroupReading> => ({
    detailAtNs: s * S,
    cpuStatAtNs: s * S,
    ioPressureUs: us,
    netSentBytes: bytes,
    cpuThrottledNs: throttledNs,
    cpuPeriods: us,
    cpuThrottledPeriods: us / 4,
  });
  const rates = { ioPressure: 0.25, netSentBytesPerS: 100, cpuThrottledCores: 0.5, cpuThrottledShare: 0.25 };
  const none = {
    ioPressure: Number.NaN,
    netSentBytesPerS: Number.NaN,
    cpuThrottledCores: Number.NaN,
    cpuThrottledShare: Number.NaN,
  };
  expect(follower.take(reading({ atNs: 1n * S }))).toMatchObject(none);
  expect(follower.take(reading({ atNs: 2n * S, ...detail(2n, 0, 0, 0) }))).toMatchObject(none);
  expect(follower.take(reading({ atNs: 3n * S, ...detail(2n, 0, 0, 0) }))).toMatchObject(none);
  expect(follower.take(reading({ atNs: 12n * S, ...detail(12n, 2_500_000, 1000, 5e9) }))).toMatchObject(rates);
  expect(follower.take(reading({ atNs: 13n * S, ...detail(12n, 2_500_000, 1000, 5e9) }))).toMatchObject(rates);
  expect(follower.until(reading({ atNs: 14n * S, ...detail(14n, 2_500_000, 1000, 5e9) }))).toMatchObject({ ioPressure: 0 });
  expect(follower.take(reading({ atNs: 14n * S, ...detail(12n, 2_500_000, 1000, 5e9) }))).toMatchObject(rates);
  follower.restart();
  expect(follower.take(reading({ atNs: 15n * S, ...detail(12n, 2_500_000, 1000, 5e9) }))).toMatchObject(none);
});

test('counters beyond 2^53 lose nothing', () => {
  const huge = 2n ** 60n;
  expect(figuresBetween(reading({ cpuUsageNs: huge }), reading({ atNs: 2n * S, cpuUsageNs: huge + 3n }))).toMatchObject({
    cpuUsageNs: huge + 3n,
    cpuCores: 3e-9,
  });
});

test('without an earlier reading there are gauges alone', () => {
  const figures = figuresBetween(null, reading({ memoryUsageBytes: 10, memoryInactiveFileBytes: 30, pids: 3, cpuPeriods: 4 }));
  expect(figures).toMatchObject({
    memoryWorkingSetBytes: 0,
    pids: 3,
    cpuCores: Number.NaN,
    ioWriteOpsPerS: Number.NaN,
    cpuThrottledShare: Number.NaN,
  });
});

test('a cpu counter that went backwards is another life: everything starts anew', () => {
  const figures = figuresBetween(reading({ cpuUsageNs: 9n }), reading({ atNs: 2n * S, cpuUsageNs: 3n, ioReadBytes: 7 }));
  expect(figures).toMatchObject({ cpuUsageNs: 3n, cpuCores: Number.NaN, ioReadBytesPerS: Number.NaN });
});

test('another counter that went backwards starts anew alone', () => {
  const figures = figuresBetween(
    reading({ ioReadBytes: 9, ioWriteBytes: 0 }),
    reading({ atNs: 2n * S, ioReadBytes: 1, ioWriteBytes: 5 }),
  );
  expect(figures).toMatchObject({ cpuCores: 0, ioReadBytesPerS: Number.NaN, ioWriteBytesPerS: 5 });
});

test('a counter that this host lacks gives no figure, and takes none from the others', () => {
  const figures = figuresBetween(reading({}), reading({ atNs: 2n * S, cpuUsageNs: S }));
  expect(figures).toMatchObject({ cpuCores: 1, ioReadBytesPerS: Number.NaN });
  expect(
    figuresBetween(reading({ cpuUsageNs: null }), reading({ atNs: 2n * S, cpuUsageNs: null, majorFaults: 1 })),
  ).toMatchObject({
    cpuUsageNs: null,
    cpuCores: Number.NaN,
  });
});
