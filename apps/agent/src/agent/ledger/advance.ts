import type { KernelCounters, Reading, Totals } from './quantities.ts';
import { counted, type Running } from './running.ts';

/** What has passed since a meter's last reading. */
export interface Step {
  /** Wall clock: a label, which never goes back within a meter. */
  atMs: number;
  /** By the monotonic clock. */
  elapsedMs: number;
  /** Null: nobody could read them. */
  counters: KernelCounters | null;
  /** Working set at its end; null: not known. */
  memoryKib: number | null;
  memoryKibMs: number;
  sampledMs: number;
}

/** A meter's next reading. What was in force at the last one was so until now. */
export function advance({ last, memoryKib, reserved, frozen }: Running, step: Step): Reading {
  const elapsed = Math.max(0, Math.round(step.elapsedMs));
  const sampled = Math.min(elapsed, Math.round(step.sampledMs));
  const hole = elapsed - sampled;
  const [first, second] = [memoryKib ?? step.memoryKib ?? 0, step.memoryKib ?? memoryKib ?? 0];
  const assumed = Math.round((hole * (first + second)) / 2);
  const { totals } = last;
  const next: Totals = {
    ...(step.counters === null ? totals : counted(totals, step.counters)),
    elapsedMs: totals.elapsedMs + BigInt(elapsed),
    frozenMs: totals.frozenMs + BigInt(frozen ? elapsed : 0),
    memoryKibMs: totals.memoryKibMs + BigInt(Math.round(step.memoryKibMs)) + BigInt(assumed),
    estimatedMs: totals.estimatedMs + BigInt(hole),
    memoryReservedKibMs: totals.memoryReservedKibMs + BigInt(reserved.memoryKib ?? 0) * BigInt(elapsed),
    cpuReservedNs: totals.cpuReservedNs + BigInt(reserved.cpuNsPerMs ?? 0) * BigInt(elapsed),
  };
  return { atMs: Math.max(Math.round(step.atMs), last.atMs + 1), totals: next };
}
