import { Cgroup, cgroupIdentity, type CgroupLayout, type CgroupReading } from '@plimsoll/core';
import type { ContainerView, GroupView, Limits } from '@plimsoll/protocol';
import type { GroupEnd, ExitRecord, LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { MeterEnd, MeterInfo, MeterReading, Reserved } from '../ledger/input.ts';
import { lineage, type Registry } from '../registry.ts';
import { wallClockShiftMs } from '../sampling/metronome.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { countersOf, countersOfRecord, workingSetKib } from './kernel-counters.ts';
import { MemoryIntegral } from './memory-integral.ts';
import type { Recorder } from './recorder.ts';

const MINUTE_MS = 60_000;
/** Ticks that a sample may be late by before the time between counts as unseen. */
const LATE_TICKS = 3;

export interface MeterParts {
  registry: Registry;
  sampler: Sampler;
  recorder: Recorder;
  layout: CgroupLayout;
  bootId: string;
  sampleMs: number;
}

/** What is remembered of a meter between two recorded readings. */
interface Metered {
  memory: MemoryIntegral;
  /** Of limits, frozen or not, and the group: a change of one of these is recorded when it happens. */
  inForce: string;
}

/**
 * Reads the meters of all that runs: memory at each tick, everything at each minute, and at each change of what is in force.
 * The kernel counts on whether this is there or not; an end comes from the supervisor, which has read the last of it.
 */
export class Meter {
  readonly #parts: MeterParts;
  readonly #metered = new Map<string, Metered>();
  /** Of containers, as the ledger was told. */
  readonly #names = new Map<string, string>();
  #minute: number | null = null;

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
    const memory = this.#metered.get(keyOf(record.id, life))?.memory.take();
    this.#metered.delete(keyOf(record.id, life));
    // It may have been renamed since.
    const name = registry.get(record.id)?.name ?? record.name;
    recorder.end({ ...containerEnd(record, name), ...(memory ?? { memoryKibMs: 0, sampledMs: 0 }) }, record.seq);
    // Later than all that was in it: a group's own counter is never behind its members'.
    recorder.read(...this.#groupReadings(lineage(record.group)));
  }

  #tick(): void {
    const { registry, sampler } = this.#parts;
    for (const view of registry.containers) {
      if (!('pid' in view.state)) continue;
      const reading = sampler.reading(view.handle);
      if (reading !== null) this.#meteredOf(view).memory.sample(monotonicMs(reading), workingSetKib(reading));
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
    const metered = this.#meteredOf(view);
    const inForce = inForceOf(view);
    if (known !== undefined && metered.inForce === inForce) return;
    metered.inForce = inForce;
    const reading = sampler.readOnce(cgroup, state.pid) ?? sampler.reading(handle);
    if (reading === null) return;
    metered.memory.sample(monotonicMs(reading), workingSetKib(reading));
    recorder.read(...this.#containerReading(view, reading));
  }

  #meteredOf(view: ContainerView): Metered {
    const key = keyOf(view.id, String(view.incarnation));
    let metered = this.#metered.get(key);
    if (metered === undefined) {
      metered = { memory: new MemoryIntegral(LATE_TICKS * this.#parts.sampleMs), inForce: inForceOf(view) };
      this.#metered.set(key, metered);
    }
    return metered;
  }

  #containerReading(view: ContainerView, reading: CgroupReading): MeterReading[] {
    const counters = countersOf(reading);
    if (counters === null || !('pid' in view.state)) return [];
    // It has ended, though no supervisor has been there to say so: its exit record has the time.
    if (reading.pids === 0) return [];
    const { memory } = this.#meteredOf(view);
    const info = infoOf(view, String(view.incarnation), view.state.startedAt);
    const memoryKib = workingSetKib(reading);
    return [
      {
        ...{ info, group: view.group, atMs: wallMs(reading), monotonicMs: monotonicMs(reading), counters, memoryKib },
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
    const { layout, bootId, sampler } = this.#parts;
    const identity = cgroupIdentity(new Cgroup(layout, cgroup));
    const reading = identity === null ? null : sampler.readOnce(cgroup);
    const counters = reading === null ? null : countersOf(reading);
    if (identity === null || reading === null || counters === null) return [];
    const life = `${bootId}:${identity}`;
    const beganMs = Math.min(Date.parse(createdAt), wallMs(reading));
    return [
      {
        info: { kind: 'group', subject: path, life, name: displayName ?? path, image: '', labels: {}, beganMs },
        ...{ group: path, atMs: wallMs(reading), monotonicMs: monotonicMs(reading), counters },
        ...{ memoryKib: workingSetKib(reading), memoryKibMs: 0, sampledMs: 0 },
        ...{ reserved: reservedBy(limits), frozen: frozenAt !== null },
      },
    ];
  }
}

/** Limits as they are metered: memory in whole KiB, as the kernel rounds to pages; cpu in ns a ms. */
function reservedBy({ memoryBytes, cpus }: Limits): Reserved {
  return {
    memoryKib: memoryBytes === undefined ? null : Math.floor(memoryBytes / 1024),
    cpuNsPerMs: cpus === undefined ? null : Math.round(cpus * 1e6),
  };
}

function infoOf({ id, name, image, labels }: ContainerView | ExitRecord, life: string, beganAt: string): MeterInfo {
  return { kind: 'container', subject: id, life, name, image, labels, beganMs: Date.parse(beganAt) };
}

function containerEnd(record: ExitRecord, name: string): Omit<MeterEnd, 'memoryKibMs' | 'sampledMs'> {
  const { startedMonotonicNs, exitedMonotonicNs, counters } = record;
  const isTimed = startedMonotonicNs !== null && exitedMonotonicNs !== null;
  return {
    info: infoOf({ ...record, name }, String(record.incarnation), record.startedAt),
    group: record.group,
    atMs: Date.parse(record.exitedAt),
    elapsedMs: isTimed ? Math.round(Number(BigInt(exitedMonotonicNs) - BigInt(startedMonotonicNs)) / 1e6) : null,
    counters: counters === null ? null : countersOfRecord(counters),
    reserved: reservedBy(record.limits),
    record: JSON.stringify(record),
  };
}

function groupEnd(record: GroupEnd): MeterEnd {
  const atMs = Date.parse(record.endedAt);
  return {
    info: { kind: 'group', subject: record.id, life: record.life, name: record.id, image: '', labels: {}, beganMs: atMs },
    ...{ group: record.id, atMs, elapsedMs: null, counters: countersOfRecord(record.counters), reserved: null },
    ...{ record: JSON.stringify(record), memoryKibMs: 0, sampledMs: 0 },
  };
}

function inForceOf({ group, limits, state }: ContainerView): string {
  return JSON.stringify([group, reservedBy(limits), state.status === 'frozen']);
}

function keyOf(id: string, life: string): string {
  return `${id} ${life}`;
}

function monotonicMs({ atNs }: CgroupReading): number {
  return Math.round(Number(atNs) / 1e6);
}

function wallMs(reading: CgroupReading): number {
  return Math.round(monotonicMs(reading) + wallClockShiftMs());
}
