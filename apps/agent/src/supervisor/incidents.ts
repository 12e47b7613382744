import type { Cgroup, CgroupWatch, EventCounts, WatchedCgroup } from '@plimsoll/core';
import type { Incident } from '@plimsoll/protocol';
import { IncidentPace } from './incident-pace.ts';
import { IncidentTally, type CountedKind } from './incident-tally.ts';

/** For who subscribes later. */
const KEPT = 200;

interface Container {
  id: string;
  group: string;
}

/** What a container's cgroup went through, told as it happens. */
export class Incidents {
  readonly #watch: CgroupWatch;
  readonly #tell: (incident: Incident) => void;
  readonly #recent: Incident[] = [];
  #hasSaid = false;
  /** The clock's, so that they ascend from one supervisor to the next too. */
  #nextId = Date.now();

  constructor(watch: CgroupWatch, tell: (incident: Incident) => void) {
    this.#watch = watch;
    this.#tell = tell;
  }

  /** The newest, oldest first. */
  get recent(): readonly Incident[] {
    return this.#recent;
  }

  /** `isNew`: its cgroup was made for this run; of another, what is counted already was told by the supervisor before. */
  follow(container: Container, cgroup: Cgroup, isNew: boolean, onFrozen: (frozen: boolean) => void): FollowedContainer {
    const tally = new IncidentTally((kind, count) => this.#add(container, { kind, count, resource: null, share: null }));
    const paces = { cpu: new IncidentPace(), memory: new IncidentPace(), io: new IncidentPace() };
    let isFirst = !isNew;
    const watched = this.#watch.watch(cgroup, {
      onFrozen,
      onCounts: (counts) => {
        if (isFirst) tally.begin(byKind(counts));
        else tally.take(byKind(counts));
        isFirst = false;
      },
      onStarving: (resource, share) => {
        const isTold = paces[resource].pass(performance.now());
        if (isTold) this.#add(container, { kind: 'starving', count: 1, resource, share });
      },
    });
    this.#sayWhatIsMissing();
    return new FollowedContainer(watched, tally);
  }

  #sayWhatIsMissing(): void {
    const whyNot = this.#watch.whyNoStarvation;
    if (whyNot === null || this.#hasSaid) return;
    this.#hasSaid = true;
    process.stderr.write(`${new Date().toISOString()} nobody will be told that a container starves: ${whyNot}\n`);
  }

  /** Of one that ended before it was followed. */
  ended(container: Container, oomKills: number): void {
    if (oomKills > 0) this.#add(container, { kind: 'oom-kill', count: oomKills, resource: null, share: null });
  }

  #add({ id, group }: Container, what: Pick<Incident, 'kind' | 'count' | 'resource' | 'share'>): void {
    const incident = { id: this.#nextId++, at: new Date().toISOString(), container: id, group, ...what };
    this.#recent.push(incident);
    if (this.#recent.length > KEPT) this.#recent.shift();
    this.#tell(incident);
  }
}

/** One run of a container whose incidents are told. */
export class FollowedContainer {
  readonly #watched: WatchedCgroup;
  readonly #tally: IncidentTally;

  constructor(watched: WatchedCgroup, tally: IncidentTally) {
    this.#watched = watched;
    this.#tally = tally;
  }

  /** Its limits may be others now. */
  limitsChanged(): void {
    this.#watched.limitsChanged();
  }

  /** It has ended, and its cgroup is about to be removed: what was not told yet is told now. */
  end(): void {
    const counts = this.#watched.end();
    this.#tally.end(counts === null ? {} : byKind(counts));
  }
}

function byKind(counts: EventCounts): Record<CountedKind, number> {
  return {
    'oom-kill': counts.oomKills,
    'memory-high': counts.memoryHigh,
    'memory-max': counts.memoryMax,
    'pids-refused': counts.pidsRefused,
  };
}
