import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processesOf } from '../snapshot.ts';
import { SLOWNESS } from '../slowness.ts';
import type { World } from '../world.ts';

const PARTS = ['agent', 'supervisor'] as const;
type Part = (typeof PARTS)[number];

/** Between the return of one and the next kill; and between a kill and the return. */
const MOST_UP_MS = 1500 * SLOWNESS;
const MOST_AWAY_MS = 400;

/** The most that a process of a part has used. */
interface Use {
  rssKib: number;
  descriptors: number;
}

/** Kills agent and supervisor at random instants, each so often, and starts them again. */
export class Kills {
  readonly most: Record<Part, Use> = { agent: { rssKib: 0, descriptors: 0 }, supervisor: { rssKib: 0, descriptors: 0 } };
  readonly #world: World;
  readonly #random: () => number;
  /** Pid and start time of the children of the supervisors that were killed. */
  readonly #children = new Set<string>();

  constructor(world: World, random: () => number) {
    this.#world = world;
    this.#random = random;
  }

  async run(times: Record<Part, number>): Promise<void> {
    const left = PARTS.flatMap((part) => Array.from({ length: times[part] }, () => part));
    while (left.length > 0) {
      const [part] = left.splice(Math.floor(this.#random() * left.length), 1) as [Part];
      await delay(this.#random() * MOST_UP_MS);
      this.measure();
      if (part === 'supervisor') this.#noteChildren();
      await this.#world.end(part, 'SIGKILL');
      await delay(this.#random() * MOST_AWAY_MS);
      if (part === 'supervisor') await this.#world.startSupervisor();
      else await this.#world.startAgent();
    }
  }

  measure(): void {
    for (const part of PARTS) {
      const pid = this.#world[part]?.pid ?? 0;
      const most = this.most[part];
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      most.rssKib = Math.max(most.rssKib, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]));
      most.descriptors = Math.max(most.descriptors, readdirSync(`/proc/${pid}/fd`).length);
    }
  }

  /** Zygotes, keepers and makers of namespaces that a killed supervisor has left, as `NAME PID START-TIME`. */
  orphans(): string[] {
    return [...this.#children].filter((child) => {
      const [, pid, startTime] = child.split(' ');
      return startTimeOf(Number(pid)) === startTime;
    });
  }

  #noteChildren(): void {
    const { pid, cgroup } = this.#world.place;
    for (const { name, pid: child, startTime, kind } of processesOf(pid, cgroup)) {
      if (kind !== 'other') this.#children.add(`${name} ${child} ${startTime}`);
    }
  }
}

/** Null: it has ended. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
