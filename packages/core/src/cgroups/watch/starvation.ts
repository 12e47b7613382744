import { attempt, guarded } from '../../events/guarded.ts';
import type { EventLoop } from '../../events/event-loop.ts';
import { PressureEvents } from '../../events/pressure-events.ts';
import { PRESSURE_WINDOW_MS, PressureTrigger, whyNoPressureTriggers, whyNoTrigger } from '../../events/pressure-trigger.ts';
import { PassingFiles } from '../passing-files.ts';
import type { CgroupLayout } from '../layout.ts';
import { emptyReading, type CgroupReading } from '../reading.ts';
import { pressure } from '../sources/pressure.ts';
import { Tier } from '../tier.ts';

/** In the order of sources/pressure.ts. */
const RESOURCES = ['cpu', 'memory', 'io'] as const;
export type StarvedResource = (typeof RESOURCES)[number];

/**
 * The part of the time for which some process of a cgroup must wait before that is called starving. Cpu: mostly there are
 * more threads than cpus then, or a limit holds them back. Memory: pages that are in use are thrown out and read again.
 */
const STARVING: Record<StarvedResource, number> = { cpu: 0.5, memory: 0.1, io: 0.3 };
const COUNTERS = { cpu: 'cpuPressureUs', memory: 'memoryPressureUs', io: 'ioPressureUs' } as const;
/** How long nobody is told of the same again. */
const QUIET_MS = 10_000;

export interface Starving {
  path: string;
  /** `share` of the time that was looked at, 0 to 1. */
  onStarving: (resource: StarvedResource, share: number) => void;
}

/**
 * Finds the cgroups that starve. The kernel wakes us by one trigger a resource, on the root that they are all below, whose
 * pressure is never less than theirs: one for each of them would cost a real-time kernel thread each where they are
 * privileged. Woken, it looks at each twice, a window apart, and is deaf for a while after.
 */
export class Starvation implements AsyncDisposable {
  readonly #events: PressureEvents;
  readonly #layout: CgroupLayout;
  readonly #root: string;
  readonly #members = new Set<Starving>();
  readonly #triggers = new Map<StarvedResource, PressureTrigger>();
  readonly #readers = new Map<StarvedResource, PassingFiles>();
  /** Until when a resource is not looked at. */
  readonly #deafUntilMs = new Map<StarvedResource, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #whyNot: string | null = null;

  /** `root`: path of the cgroup that all are below, which need not be there yet. */
  constructor(loop: EventLoop, layout: CgroupLayout, root: string) {
    this.#events = new PressureEvents(loop);
    this.#layout = layout;
    this.#root = root;
  }

  /** Why nobody will be told. Null: it works, or has not been tried yet. */
  get whyNot(): string | null {
    return this.#whyNot;
  }

  join(member: Starving): Disposable {
    this.#members.add(member);
    this.#arm();
    return { [Symbol.dispose]: () => void this.#members.delete(member) };
  }

  #arm(): void {
    const { unified } = this.#layout;
    if (unified === null) this.#whyNot ??= whyNoPressureTriggers(unified);
    if (unified === null || this.#whyNot !== null) return;
    for (const resource of RESOURCES) {
      if (this.#triggers.has(resource)) continue;
      try {
        const file = `${unified}/${this.#root}/${resource}.pressure`;
        const trigger = new PressureTrigger(this.#events, file, STARVING[resource] * PRESSURE_WINDOW_MS, {
          fired: () => this.#fired(resource),
          gone: () => this.#triggers.delete(resource),
        });
        this.#triggers.set(resource, trigger);
      } catch (error) {
        this.#whyNot = whyNoTrigger(error);
      }
    }
  }

  #fired(resource: StarvedResource): void {
    const nowMs = performance.now();
    if (nowMs < (this.#deafUntilMs.get(resource) ?? 0)) return;
    this.#deafUntilMs.set(resource, nowMs + QUIET_MS);
    const before = new Map([...this.#members].map((member) => [member, this.#read(resource, member)]));
    const timer = setTimeout(
      guarded(`the ${resource} pressure of cgroups`, () => {
        this.#timers.delete(timer);
        for (const [member, earlier] of before) {
          if (!this.#members.has(member)) continue;
          attempt(`the ${resource} pressure of cgroup ${member.path}`, () => this.#tell(resource, member, earlier));
        }
      }),
      PRESSURE_WINDOW_MS,
    );
    this.#timers.add(timer.unref());
  }

  #tell(resource: StarvedResource, member: Starving, earlier: CgroupReading): void {
    const now = this.#read(resource, member);
    const counter = COUNTERS[resource];
    const share = (now[counter] - earlier[counter]) / (Number(now.detailAtNs - earlier.detailAtNs) / 1000);
    // NaN: it was not there to be read.
    if (share >= STARVING[resource]) member.onStarving(resource, Math.min(1, share));
  }

  #read(resource: StarvedResource, { path }: Starving): CgroupReading {
    const reading = emptyReading();
    let reader = this.#readers.get(resource);
    if (reader === undefined) {
      const source = pressure(this.#layout)[RESOURCES.indexOf(resource)]!;
      reader = new PassingFiles(new Tier([source], (into, atNs) => (into.detailAtNs = atNs)));
      this.#readers.set(resource, reader);
    }
    reader.read({ path, pid: null, lacksFirst: false }, reading);
    return reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const trigger of this.#triggers.values()) trigger[Symbol.dispose]();
    this.#triggers.clear();
    await this.#events[Symbol.asyncDispose]();
  }
}
