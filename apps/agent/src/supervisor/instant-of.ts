import type { ClockReading } from '@plimsoll/core';

/** What the clocks showed at a time of CLOCK_MONOTONIC, by what they show now: the wall clock may have been set since. */
export function clocksThen({ realNs, monotonicNs, bootNs }: ClockReading, thenNs: bigint): ClockReading {
  const sinceNs = monotonicNs - thenNs;
  return { realNs: realNs - sinceNs, monotonicNs: thenNs, bootNs: bootNs - sinceNs };
}

/** ISO 8601 in UTC, ms. */
export function instantOf({ realNs }: ClockReading): string {
  return new Date(Number(realNs / 1_000_000n)).toISOString();
}
