import { cpus, totalmem } from 'node:os';
import { setImmediate as whatElseIsDue } from 'node:timers/promises';
import { ContainerState, PlimsollError, type ContainerView, type Limits } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { monotonicMs } from '../sampling/metronome.ts';
import type { CgroupReader } from '../sampling/sampler.ts';
import type { CgroupRow } from './cgroup-row.ts';
import { CPU } from './cpu.ts';
import { renderLabels, renderMetric, type LabelledRow } from './exposition.ts';
import { BLOCK_IO, NETWORK } from './io.ts';
import { containerLabels, groupLabels, hostLabels } from './labels.ts';
import { MEMORY } from './memory.ts';
import { BUILD, CONTAINERS, GROUPS, HOST, STATE, type StateRow } from './own.ts';
import { PRESSURE } from './pressure.ts';
import { SPEC } from './spec.ts';

const OF_CGROUPS = [...CPU, ...MEMORY, ...BLOCK_IO, ...NETWORK, ...PRESSURE, ...SPEC];
export const METRIC_NAMES: readonly string[] = [...OF_CGROUPS, STATE, ...CONTAINERS, ...GROUPS, ...HOST, BUILD].map(
  ({ name }) => name,
);

/** However many ask, the kernel is asked no more often. */
const FRESH_MS = 1000;
/** Cgroups that are read before others have their turn: some milliseconds. */
const AT_ONCE = 16;

interface Parts {
  registry: Registry;
  newReader: () => CgroupReader;
  version: string;
  /** Its id. */
  host: string;
  hasSupervisor: () => boolean;
}

/** What a cgroup's row is read by. */
interface Wanted {
  labels: Record<string, string>;
  cgroup: string;
  pid: number | null;
  limits: Limits | null;
  startedAt: string | null;
}

/**
 * Everything that Prometheus is told, under cAdvisor's names, labels and units. Each scrape reads the kernel anew: rates over
 * its own intervals want base and detail of one moment, and the sampler's detail is up to ten seconds old.
 */
export class Metrics implements Disposable {
  readonly #parts: Parts;
  readonly #reader: CgroupReader;
  /** What was made last, or is being made. */
  #last: { text: Promise<string>; goodUntilMs: number } | null = null;
  #ended = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#reader = parts.newReader();
  }

  /** Throws `unavailable` until the supervisor was heard once: no containers at all would be a lie. */
  async text(): Promise<string> {
    if (!this.#parts.registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
    if (this.#last === null || monotonicMs() >= this.#last.goodUntilMs) {
      const making = { text: this.#make(), goodUntilMs: Infinity };
      this.#last = making;
      const stamp = () => void (making.goodUntilMs = monotonicMs() + FRESH_MS);
      making.text.then(stamp, stamp);
    }
    return await this.#last.text;
  }

  async #make(): Promise<string> {
    const rows = await this.#read();
    const { registry, version, host: hostId, hasSupervisor } = this.#parts;
    const containers = registry.containers.map((view) => ({ labels: renderLabels(containerLabels(view)), row: view }));
    const groups = registry.groups.map((view) => ({ labels: renderLabels(groupLabels(view)), row: view }));
    const host = { labels: '', row: { cpus: cpus().length, memoryBytes: totalmem(), hasSupervisor: hasSupervisor() } };
    const ofCgroups: string[] = [];
    for (const metric of OF_CGROUPS) {
      ofCgroups.push(renderMetric(metric, rows));
      await whatElseIsDue();
    }
    return [
      ...ofCgroups,
      renderMetric(STATE, containers.flatMap(inEachState)),
      ...CONTAINERS.map((metric) => renderMetric(metric, containers)),
      ...GROUPS.map((metric) => renderMetric(metric, groups)),
      ...HOST.map((metric) => renderMetric(metric, [host])),
      renderMetric(BUILD, [{ labels: renderLabels({ version, host_id: hostId }), row: null }]),
    ].join('');
  }

  /** A cgroup that is gone by its turn has no row. */
  async #read(): Promise<LabelledRow<CgroupRow>[]> {
    const rows: LabelledRow<CgroupRow>[] = [];
    for (const [i, { labels, cgroup, pid, limits, startedAt }] of this.#wanted().entries()) {
      if (i > 0 && i % AT_ONCE === 0) await whatElseIsDue();
      // The reader's memory is gone with it.
      if (this.#ended) throw new PlimsollError('unavailable', 'the agent ends');
      const reading = this.#reader.readOnce(cgroup, pid);
      if (reading === null) continue;
      const startedAtMs = startedAt === null ? null : Date.parse(startedAt);
      rows.push({ labels: renderLabels(labels), row: { reading, limits, startedAtMs, readAtMs: Date.now() } });
    }
    return rows;
  }

  #wanted(): Wanted[] {
    const { registry } = this.#parts;
    return [
      { labels: hostLabels(), cgroup: '', pid: null, limits: null, startedAt: null },
      ...registry.groups.map((group) => ({
        labels: groupLabels(group),
        cgroup: group.cgroup,
        pid: null,
        limits: group.limits,
        startedAt: group.createdAt,
      })),
      ...registry.containers.flatMap((view) => {
        const { cgroup, limits, state } = view;
        if (!('pid' in state)) return [];
        return [{ labels: containerLabels(view), cgroup, pid: state.pid, limits, startedAt: state.startedAt }];
      }),
    ];
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#reader[Symbol.dispose]();
  }
}

const STATUSES = ContainerState.options.map(({ shape }) => shape.status.value);

function inEachState({ labels, row: view }: LabelledRow<ContainerView>): LabelledRow<StateRow>[] {
  return STATUSES.map((status) => ({ labels: `${labels},${renderLabels({ state: status })}`, row: { view, status } }));
}
