import type { ClockReading } from '@plimsoll/core';

/** ISO 8601 in UTC, ms. */
export function instantOf({ realNs }: ClockReading): string {
  return new Date(Number(realNs / 1_000_000n)).toISOString();
}
