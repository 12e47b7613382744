import type { ClockSeen } from './boot-clocks.ts';
import type { KernelCounters } from './quantities.ts';

/** Whose counters: one incarnation of a container, or one life of a group's cgroup. */
export interface MeterKey {
  kind: 'container' | 'group';
  /** The container's id; the group's path. */
  subject: string;
  /** The incarnation's number; boot and kernfs id of the cgroup. */
  life: string;
}

/** What a meter is known by, as it was when it began; but for a container's name, which is that of now. */
export interface MeterInfo extends MeterKey {
  name: string;
  image: string;
  labels: Record<string, string>;
  /** Wall clock. */
  beganMs: number;
  /** The same by CLOCK_BOOTTIME, ms, and of which boot. Null: not known, and the wall clock is taken at its word. */
  boot: { id: string; beganMs: number } | null;
}

/** Memory from samples, since the reading before. */
export interface SampledMemory {
  /** Of so much of the time there are two samples around it. */
  sampledMs: number;
  /** And of that, how much lies in gaps between samples. */
  gapMs: number;
  /** The working set's integral over the sampled time, and what it is at least and at most. */
  memoryKibMs: number;
  memoryLeastKibMs: number;
  memoryMostKibMs: number;
}

/** In force from this reading on. Null: there is none. */
export interface Reserved {
  memoryKib: number | null;
  /** Nanoseconds of cpu per ms. */
  cpuNsPerMs: number | null;
}

/** One reading of what runs. */
export interface MeterReading extends SampledMemory {
  info: MeterInfo;
  /** That it is in; of a group itself. */
  group: string;
  /** Wall clock, a label; where the boot is known, CLOCK_BOOTTIME, from which the label follows; and the monotonic clock, which durations come from. */
  atMs: number;
  bootMs: number | null;
  monotonicMs: number;
  counters: KernelCounters;
  /** Working set now; null where this host does not tell. */
  memoryKib: number | null;
  /** The most ever, read after the last sample. Null: this host does not tell. */
  memoryPeakKib: number | null;
  reserved: Reserved;
  /** From now on. */
  frozen: boolean;
}

/** The end of a meter. */
export interface MeterEnd extends SampledMemory {
  info: MeterInfo;
  group: string;
  /** As in MeterReading. */
  atMs: number;
  bootMs: number | null;
  /** Of the whole meter by the monotonic clock; null: not known, so by the wall clock. */
  elapsedMs: number | null;
  /** The last reading of the kernel's counters; null: nobody could take it. */
  counters: KernelCounters | null;
  /** In force at the end; null: as before. */
  reserved: Reserved | null;
  /** The supervisor's own words. */
  record: string;
  /** Working set at the last sample since the last reading that was recorded; null: there was none. */
  memoryKib: number | null;
  memoryPeakKib: number | null;
}

/** Recorded whole or not at all: it is on disk when that returns. */
export interface Batch {
  /** The host's clock when this was handed over. */
  clock?: ClockSeen;
  readings: MeterReading[];
  ends: MeterEnd[];
  /** Containers' names now, by id: all of their meters are known by them. */
  names?: ReadonlyMap<string, string>;
}
