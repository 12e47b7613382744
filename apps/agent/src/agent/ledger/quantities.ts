/**
 * What is metered, each a total since the meter began: it only grows, so the use of any span is a difference of two of them,
 * and spans that meet add up exactly. Null: this host has no such counter.
 */
export interface Totals {
  /** The kernel's own counters. */
  cpuNs: bigint;
  ioReadBytes: bigint | null;
  ioWriteBytes: bigint | null;
  ioReadOps: bigint | null;
  ioWriteOps: bigint | null;
  netReceivedBytes: bigint | null;
  netSentBytes: bigint | null;
  /** By the monotonic clock. */
  elapsedMs: bigint;
  frozenMs: bigint;
  /** The working set, KiB times ms, from samples; in the time that `estimatedMs` counts nobody took any. */
  memoryKibMs: bigint;
  estimatedMs: bigint;
  /**
   * What the memory that was really used is at least, and at most. Null: part of the meter's life was metered before these were, and it
   * stays so for the rest of it.
   */
  memoryLeastKibMs: bigint | null;
  memoryMostKibMs: bigint | null;
  /** Limits times the time that they were in force. */
  memoryReservedKibMs: bigint;
  cpuReservedNs: bigint;
}

export type Quantity = keyof Totals;

/** Each with its column, in the tables' order. */
export const COLUMN_OF: Readonly<Record<Quantity, string>> = {
  cpuNs: 'cpu_ns',
  ioReadBytes: 'io_read_bytes',
  ioWriteBytes: 'io_write_bytes',
  ioReadOps: 'io_read_ops',
  ioWriteOps: 'io_write_ops',
  netReceivedBytes: 'net_received_bytes',
  netSentBytes: 'net_sent_bytes',
  elapsedMs: 'elapsed_ms',
  frozenMs: 'frozen_ms',
  memoryKibMs: 'memory_kib_ms',
  estimatedMs: 'estimated_ms',
  memoryReservedKibMs: 'memory_reserved_kib_ms',
  cpuReservedNs: 'cpu_reserved_ns',
  memoryLeastKibMs: 'memory_least_kib_ms',
  memoryMostKibMs: 'memory_most_kib_ms',
};
export const QUANTITIES = Object.keys(COLUMN_OF) as Quantity[];

/** What the kernel counts, and a host may lack. */
export const COUNTERS = [
  'ioReadBytes',
  'ioWriteBytes',
  'ioReadOps',
  'ioWriteOps',
  'netReceivedBytes',
  'netSentBytes',
] as const satisfies Quantity[];
export type KernelCounters = Pick<Totals, 'cpuNs' | (typeof COUNTERS)[number]>;

export const BOUNDS = ['memoryLeastKibMs', 'memoryMostKibMs'] as const satisfies Quantity[];

export function zero(): Totals {
  return each(() => 0n);
}

/** Written out: it is what a question about many meters does most. */
export function each(value: (quantity: Quantity) => bigint | null): Totals {
  return {
    cpuNs: value('cpuNs') ?? 0n,
    ioReadBytes: value('ioReadBytes'),
    ioWriteBytes: value('ioWriteBytes'),
    ioReadOps: value('ioReadOps'),
    ioWriteOps: value('ioWriteOps'),
    netReceivedBytes: value('netReceivedBytes'),
    netSentBytes: value('netSentBytes'),
    elapsedMs: value('elapsedMs') ?? 0n,
    frozenMs: value('frozenMs') ?? 0n,
    memoryKibMs: value('memoryKibMs') ?? 0n,
    estimatedMs: value('estimatedMs') ?? 0n,
    memoryReservedKibMs: value('memoryReservedKibMs') ?? 0n,
    cpuReservedNs: value('cpuReservedNs') ?? 0n,
    memoryLeastKibMs: value('memoryLeastKibMs'),
    memoryMostKibMs: value('memoryMostKibMs'),
  };
}

/** What one lacks the sum has from the other; but for a bound, which holds for the sum where both have it. */
export function sum(a: Totals, b: Totals): Totals {
  return {
    ...each((quantity) => (a[quantity] === null ? b[quantity] : a[quantity] + (b[quantity] ?? 0n))),
    memoryLeastKibMs: plus(a.memoryLeastKibMs, b.memoryLeastKibMs),
    memoryMostKibMs: plus(a.memoryMostKibMs, b.memoryMostKibMs),
  };
}

/** Null where one is. */
export function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b;
}

export function difference(later: Totals, earlier: Totals): Totals {
  return each((quantity) => {
    const value = later[quantity];
    return value === null ? null : value - (earlier[quantity] ?? 0n);
  });
}

/** Adds what came between two readings to a sum, in place. What one lacks the sum has from the other. */
export function addDifference(sum: Totals, earlier: Totals, later: Totals): void {
  const into = sum as Record<Quantity, bigint | null>;
  for (const quantity of QUANTITIES) {
    const value = later[quantity];
    if (value === null || (value === earlier[quantity] && into[quantity] !== null)) continue;
    into[quantity] = (into[quantity] ?? 0n) + value - (earlier[quantity] ?? 0n);
  }
}

/**
 * On the straight line between two readings, rounded down. A part of the way is a float, and the same float whoever asks: the parts
 * of a span that is cut add up to the whole.
 */
export function between(before: Reading, after: Reading, atMs: number): Totals {
  const part = (atMs - before.atMs) / (after.atMs - before.atMs);
  return each((quantity) => {
    const [from, to] = [before.totals[quantity], after.totals[quantity]];
    if (to === null || to === from) return from;
    return (from ?? 0n) + BigInt(Math.floor(Number(to - (from ?? 0n)) * part));
  });
}

/** Totals at an instant: wall-clock ms, which within a meter never goes back. */
export interface Reading {
  atMs: number;
  totals: Totals;
}
