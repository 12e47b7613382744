import { totalmem } from 'node:os';
import type { SampledMemory } from './input.ts';
import type { KernelCounters, Reading, Totals } from './quantities.ts';
import { counted, type Running } from './running.ts';

/** What has passed since a meter's last reading. */
export interface Step extends SampledMemory {
  /** Wall clock: a label, which never goes back within a meter. */
  atMs: number;
  /** By the monotonic clock. */
  elapsedMs: number;
  /** Null: nobody could read them. */
  counters: KernelCounters | null;
  /** Working set where the time without samples began, and where it ended. */
  holeKib: readonly [from: number, to: number];
  /** The most ever; null: this host does not tell. */
  memoryPeakKib: number | null;
}

/** More than this nobody can use. */
const HOST_KIB = Math.ceil(totalmem() / 1024);

/** A meter's next reading. What was in force at the last one was so until now. */
export function advance({ last, reserved, frozen }: Running, step: Step): Reading {
  const elapsed = Math.max(0, Math.round(step.elapsedMs));
  const sampled = Math.min(elapsed, Math.round(step.sampledMs));
  const hole = elapsed - sampled;
  const used = Math.round(step.memoryKibMs) + Math.round((hole * (step.holeKib[0] + step.holeKib[1])) / 2);
  // In a hole nothing may have been used, or always as much as ever.
  const least = Math.min(used, Math.floor(step.memoryLeastKibMs));
  const most = Math.max(used, Math.ceil(step.memoryMostKibMs + hole * (step.memoryPeakKib ?? HOST_KIB)));
  const { totals } = last;
  const next: Totals = {
    ...(step.counters === null ? totals : counted(totals, step.counters)),
    elapsedMs: totals.elapsedMs + BigInt(elapsed),
    frozenMs: totals.frozenMs + BigInt(frozen ? elapsed : 0),
    memoryKibMs: totals.memoryKibMs + BigInt(used),
    memoryLeastKibMs: totals.memoryLeastKibMs === null ? null : totals.memoryLeastKibMs + BigInt(least),
    memoryMostKibMs: totals.memoryMostKibMs === null ? null : totals.memoryMostKibMs + BigInt(most),
    estimatedMs: totals.estimatedMs + BigInt(hole + Math.min(sampled, Math.round(step.gapMs))),
    memoryReservedKibMs: totals.memoryReservedKibMs + BigInt(reserved.memoryKib ?? 0) * BigInt(elapsed),
    cpuReservedNs: totals.cpuReservedNs + BigInt(reserved.cpuNsPerMs ?? 0) * BigInt(elapsed),
  };
  return { atMs: Math.max(Math.round(step.atMs), last.atMs + 1), totals: next };
}
