import { Cgroup, cgroupIdentity, isZombie, processStartTime, type CgroupLayout, type CgroupReading } from '@plimsoll/core';
import type { ContainerState, ContainerView, FinalCounters, GroupView, Limits } from '@plimsoll/protocol';
import { LEAST_JUMP_MS, type HostClock } from '../clock/host-clock.ts';
import type { GroupEnd, ExitRecord, LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { MeterEnd, MeterInfo, MeterReading, Reserved, SampledMemory } from '../ledger/input.ts';
import { lineage, type Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { countersOf, countersOfRecord, memorySample } from './kernel-counters.ts';
import { largestFaultKib } from './largest-fault.ts';
import { MemoryIntegral, nothing } from './memory-integral.ts';
import type { Recorder } from './recorder.ts';
import { YOUNG_AGES_MS, YoungSampler } from './young-sampler.ts';

const MINUTE_MS = 60_000;
/** Ticks that a sample may be late by before the time between counts as unseen. */
const LATE_TICKS = 3;

export interface MeterParts {
  registry: Registry;
  sampler: Sampler;
  recorder: Recorder;
  layout: CgroupLayout;
  clock: HostClock;
  sampleMs: number;
}

type Running = Extract<ContainerState, { pid: number }>;

/** USER_HZ of proc_pid_stat(5), field 22. */
const TICK_MS = 10;

/** What is remembered of a meter between two recorded readings. */
interface Metered {
  memory: MemoryIntegral;
  /** CLOCK_BOOTTIME, ms. */
  beganBootMs: number;
  /** Of limits, frozen or not, and the group: a change of one of these is recorded when it happens. */
  inForce: string;
}

/**
 * Reads the meters of all that runs: memory at each tick, everything at each minute, and at each change of what is in force.
 * The kernel counts on whether this is there or not; an end comes from the supervisor, which has read the last of it.
 */
export class Meter implements Disposable {
  readonly #parts: MeterParts;
  readonly #metered = new Map<string, Metered>();
  /** Of containers, as the ledger was told. */
  readonly #names = new Map<string, string>();
  readonly #young = new YoungSampler();
  #minute: number | null = null;
  #faultKib = largestFaultKib();

  constructor(parts: MeterParts) {
    this.#parts = parts;
    parts.sampler.on('tick', () => this.#tick());
    parts.registry.on('container', (view) => this.#changed(view));
    // Its end has been told by then; a tick may have come between.
    parts.registry.on('removed', ({ id, incarnation }) => {
      this.#metered.delete(keyOf(id, String(incarnation)));
      this.#names.delete(id);
    });
  }

  /** Records a reading of all that runs. */
  readAll(): void {
    const { registry, sampler, recorder } = this.#parts;
    this.#faultKib = largestFaultKib();
    const readings: MeterReading[] = [];
    const groups = new Set<string>();
    for (const view of registry.containers) {
      if (!('pid' in view.state)) continue;
      for (const group of lineage(view.group)) groups.add(group);
      const reading = sampler.reading(view.handle);
      if (reading !== null) readings.push(...this.#containerReading(view, reading));
    }
    recorder.read(...readings, ...this.#groupReadings(groups));
  }

  /** What the supervisor says has ended. */
  ended(record: LedgerRecord): void {
    const { recorder, registry } = this.#parts;
    if (record.kind === 'group-end') return recorder.end(groupEnd(record), record.seq);
    const life = String(record.incarnation);
    const memory = this.#metered.get(keyOf(record.id, life))?.memory;
    this.#metered.delete(keyOf(record.id, life));
    // It may have been renamed since.
    const name = registry.get(record.id)?.name ?? record.name;
    const sampled = { ...(memory?.take() ?? nothing()), memoryKib: memory?.kib ?? null };
    recorder.end({ ...containerEnd(record, name), ...sampled }, record.seq);
    // Later than all that was in it: a group's own counter is never behind its members'.
    recorder.read(...this.#groupReadings(lineage(record.group)));
  }

  #tick(): void {
    const { registry, sampler } = this.#parts;
    for (const view of registry.containers) {
      if (!('pid' in view.state)) continue;
      const reading = sampler.reading(view.handle);
      if (reading !== null) sampleMemory(this.#meteredOf(view, view.state), view.state.pid, reading);
    }
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (this.#minute !== null && minute !== this.#minute) this.readAll();
    this.#minute = minute;
  }

  #changed(view: ContainerView): void {
    const { sampler, recorder } = this.#parts;
    const { state, handle, cgroup } = view;
    if (this.#names.get(view.id) !== view.name) recorder.rename(view.id, view.name);
    this.#names.set(view.id, view.name);
    if (!('pid' in state)) return;
    const known = this.#metered.get(keyOf(view.id, String(view.incarnation)));
    const metered = this.#meteredOf(view, state);
    if (known === undefined) this.#followYoung(view, state, metered);
    const inForce = inForceOf(view);
    if (known !== undefined && metered.inForce === inForce) return;
    metered.inForce = inForce;
    const reading = sampler.readOnce(cgroup, state.pid) ?? sampler.reading(handle);
    if (reading === null) return;
    metered.memory.sample(memorySample(reading));
    recorder.read(...this.#containerReading(view, reading));
  }

  #meteredOf(view: ContainerView, state: Running): Metered {
    const key = keyOf(view.id, String(view.incarnation));
    let metered = this.#metered.get(key);
    if (metered === undefined) {
      const memory = new MemoryIntegral(LATE_TICKS * this.#parts.sampleMs, () => this.#faultKib);
      metered = { memory, beganBootMs: this.#beganBootMs(state), inForce: inForceOf(view) };
      this.#metered.set(key, metered);
    }
    return metered;
  }

  /** By its record; where the wall clock was set since then, by what the kernel has of its first process. */
  #beganBootMs({ pid, startedAt }: Running): number {
    const { bootMs, wallMs } = this.#parts.clock.now();
    const byRecord = Date.parse(startedAt) - (wallMs - bootMs);
    const ticks = processStartTime(pid);
    // Rounded up: elapsed time is never more than it was.
    const byKernel = ticks === null ? byRecord : Math.min(bootMs, (Number(ticks) + 1) * TICK_MS);
    return Math.round(byRecord <= byKernel && byKernel - byRecord < LEAST_JUMP_MS ? byRecord : byKernel);
  }

  /** Between the ticks, as long as it is young. */
  #followYoung({ id, incarnation, cgroup }: ContainerView, { pid }: Running, metered: Metered): void {
    const { clock, sampler } = this.#parts;
    const oldest = YOUNG_AGES_MS.at(-1) ?? 0;
    if (clock.now().bootMs - metered.beganBootMs > oldest) return;
    const key = keyOf(id, String(incarnation));
    this.#young.follow(() => {
      const isThere = this.#metered.get(key) === metered;
      const reading = isThere ? sampler.readMemory(cgroup) : null;
      if (reading !== null) sampleMemory(metered, pid, reading);
      return reading !== null;
    });
  }

  [Symbol.dispose](): void {
    this.#young[Symbol.dispose]();
  }

  #containerReading(view: ContainerView, reading: CgroupReading): MeterReading[] {
    const counters = countersOf(reading);
    if (counters === null || !('pid' in view.state)) return [];
    // It has ended, though no supervisor has been there to say so: its exit record has the time.
    if (reading.pids === 0) return [];
    const { clock } = this.#parts;
    const { memory, beganBootMs } = this.#meteredOf(view, view.state);
    const began = { ms: clock.wallMsOf(beganBootMs), boot: { id: clock.bootId, beganMs: beganBootMs } };
    const info = infoOf(view, String(view.incarnation), began);
    const { kib: memoryKib, peakKib: memoryPeakKib } = memorySample(reading);
    return [
      {
        ...{ info, group: view.group, ...this.#timesOf(reading), counters, memoryKib, memoryPeakKib },
        ...memory.take(),
        ...{ reserved: reservedBy(view.limits), frozen: view.state.status === 'frozen' },
      },
    ];
  }

  #groupReadings(paths: Iterable<string>): MeterReading[] {
    return [...paths].flatMap((path) => {
      const group = this.#parts.registry.group(path);
      return group === undefined ? [] : this.#groupReading(group);
    });
  }

  #groupReading({ path, cgroup, limits, createdAt, frozenAt, displayName }: GroupView): MeterReading[] {
    const { layout, clock, sampler } = this.#parts;
    const identity = cgroupIdentity(new Cgroup(layout, cgroup));
    const reading = identity === null ? null : sampler.readOnce(cgroup);
    const counters = reading === null ? null : countersOf(reading);
    if (identity === null || reading === null || counters === null) return [];
    const life = `${clock.bootId}:${identity}`;
    const times = this.#timesOf(reading);
    const beganMs = Math.min(Date.parse(createdAt), times.atMs);
    const boot = { id: clock.bootId, beganMs: Math.max(0, times.bootMs - (times.atMs - beganMs)) };
    const { kib: memoryKib, peakKib: memoryPeakKib } = memorySample(reading);
    return [
      {
        info: { kind: 'group', subject: path, life, name: displayName ?? path, image: '', labels: {}, beganMs, boot },
        ...{ group: path, ...times, counters, memoryKib, memoryPeakKib, ...nothing() },
        ...{ reserved: reservedBy(limits), frozen: frozenAt !== null },
      },
    ];
  }

  #timesOf({ atNs }: CgroupReading): { atMs: number; bootMs: number; monotonicMs: number } {
    const { clock } = this.#parts;
    const monotonicMs = Math.round(Number(atNs) / 1e6);
    const bootMs = clock.bootMsOf(monotonicMs);
    return { atMs: clock.wallMsOf(bootMs), bootMs, monotonicMs };
  }
}

/**
 * Processes let go of their memory some ms before their end is known. What little is left then is no sample of the container's: it would
 * halve all that was used since the last one.
 */
function sampleMemory({ memory }: Metered, pid: number, reading: CgroupReading): void {
  const now = memorySample(reading);
  const hasFallen = now.kib !== null && memory.kib !== null && now.kib < memory.kib / 2;
  if (!hasFallen || !hasEnded(pid)) memory.sample(now);
}

function hasEnded(pid: number): boolean {
  return processStartTime(pid) === null || isZombie(pid);
}

/** Limits as they are metered: memory in whole KiB, as the kernel rounds to pages; cpu in ns a ms. */
function reservedBy({ memoryBytes, cpus }: Limits): Reserved {
  return {
    memoryKib: memoryBytes === undefined ? null : Math.floor(memoryBytes / 1024),
    cpuNsPerMs: cpus === undefined ? null : Math.round(cpus * 1e6),
  };
}

interface Began {
  /** Wall clock. */
  ms: number;
  boot: MeterInfo['boot'];
}

function infoOf({ id, name, image, labels }: ContainerView | ExitRecord, life: string, { ms, boot }: Began): MeterInfo {
  return { kind: 'container', subject: id, life, name, image, labels, beganMs: ms, boot };
}

function containerEnd(record: ExitRecord, name: string): Omit<MeterEnd, keyof SampledMemory | 'memoryKib'> {
  const { startedMonotonicNs, exitedMonotonicNs, counters, bootId, startedBootNs, exitedBootNs } = record;
  const boot = bootId === null || startedBootNs === null ? null : { id: bootId, beganMs: msOf(startedBootNs) };
  const isTimed = startedMonotonicNs !== null && exitedMonotonicNs !== null;
  return {
    info: infoOf({ ...record, name }, String(record.incarnation), { ms: Date.parse(record.startedAt), boot }),
    group: record.group,
    atMs: Date.parse(record.exitedAt),
    bootMs: exitedBootNs === null ? null : msOf(exitedBootNs),
    elapsedMs: isTimed ? Math.round(Number(BigInt(exitedMonotonicNs) - BigInt(startedMonotonicNs)) / 1e6) : null,
    counters: counters === null ? null : countersOfRecord(counters),
    reserved: reservedBy(record.limits),
    record: JSON.stringify(record),
    memoryPeakKib: peakKib(counters),
  };
}

function groupEnd(record: GroupEnd): MeterEnd {
  const { id, life, endedAt, endedBootNs, counters } = record;
  const atMs = Date.parse(endedAt);
  const bootMs = endedBootNs === null ? null : msOf(endedBootNs);
  const [bootId = ''] = life.split(':', 1);
  const boot = bootMs === null ? null : { id: bootId, beganMs: bootMs };
  return {
    info: { kind: 'group', subject: id, life, name: id, image: '', labels: {}, beganMs: atMs, boot },
    ...{ group: id, atMs, bootMs, elapsedMs: null, counters: countersOfRecord(counters), reserved: null },
    ...{ record: JSON.stringify(record), memoryKib: null, memoryPeakKib: peakKib(counters), ...nothing() },
  };
}

function peakKib(counters: FinalCounters | null): number | null {
  return counters === null || counters.memoryPeakBytes === null ? null : Math.ceil(Number(counters.memoryPeakBytes) / 1024);
}

function inForceOf({ group, limits, state }: ContainerView): string {
  return JSON.stringify([group, reservedBy(limits), state.status === 'frozen']);
}

function keyOf(id: string, life: string): string {
  return `${id} ${life}`;
}

function msOf(ns: string): number {
  return Math.round(Number(ns) / 1e6);
}
