import { CHART_COLUMNS, HISTORY_MS, type ChartColumn, type Samples, type WatchRequest } from '@plimsoll/protocol';
import { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { SampleRing } from './sample-ring.ts';
import { watch } from './watch.ts';

/** One container, one group, or one cgroup of the host. */
export type ChartTarget = Exclude<WatchRequest, { kind: 'table' | 'kernel' }>;

/** Every column of one cgroup for as long as the agent remembers. */
export class CgroupSamples {
  readonly notifier = new FrameNotifier();
  readonly ring: SampleRing<ChartColumn>;
  readonly intervalMs: number;
  readonly target: ChartTarget;

  constructor(target: ChartTarget, intervalMs: number) {
    this.target = target;
    this.intervalMs = intervalMs;
    this.ring = new SampleRing(Math.ceil(HISTORY_MS / intervalMs) + 1, CHART_COLUMNS);
  }

  /** By `connection`, or, where that one's watch is a table on the same page, by one of its own. */
  watch(connection: AgentConnection | null): () => void {
    const own = connection ?? new AgentConnection();
    const unwatch = watch(own, this.target, {
      history: (samples) => {
        // What is older than it stays: an agent that was started again knows nothing of before.
        this.ring.dropFrom(samples.times[0] ?? Infinity);
        this.#add(samples);
      },
      frame: (samples) => this.#add(samples),
    });
    return () => {
      unwatch();
      if (connection === null) own.close();
    };
  }

  #add({ times, handles, columns }: Samples): void {
    if (handles.length !== 1) return;
    times.forEach((time, t) => this.ring.push(time, (name) => columns[name]?.[t] ?? NaN));
    this.notifier.changed();
  }
}
