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
}

/** In force from this reading on. Null: there is none. */
export interface Reserved {
  memoryKib: number | null;
  /** Nanoseconds of cpu per ms. */
  cpuNsPerMs: number | null;
}

/** One reading of what runs. */
export interface MeterReading {
  info: MeterInfo;
  /** That it is in; of a group itself. */
  group: string;
  /** Wall clock, a label; and the monotonic clock, which durations come from. */
  atMs: number;
  monotonicMs: number;
  counters: KernelCounters;
  /** Working set now; null where this host does not tell. */
  memoryKib: number | null;
  /** Its integral since the reading before, over that part of the time in which samples were taken. */
  memoryKibMs: number;
  sampledMs: number;
  reserved: Reserved;
  /** From now on. */
  frozen: boolean;
}

/** The end of a meter. */
export interface MeterEnd {
  info: MeterInfo;
  group: string;
  atMs: number;
  /** Of the whole meter by the monotonic clock; null: not known, so by the wall clock. */
  elapsedMs: number | null;
  /** The last reading of the kernel's counters; null: nobody could take it. */
  counters: KernelCounters | null;
  /** In force at the end; null: as before. */
  reserved: Reserved | null;
  /** The supervisor's own words. */
  record: string;
  /** Integral since the last reading that was recorded, as in MeterReading. */
  memoryKibMs: number;
  sampledMs: number;
}

/** Recorded whole or not at all: it is on disk when that returns. */
export interface Batch {
  readings: MeterReading[];
  ends: MeterEnd[];
  /** Containers' names now, by id: all of their meters are known by them. */
  names?: ReadonlyMap<string, string>;
}
