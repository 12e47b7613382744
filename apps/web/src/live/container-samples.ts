import { HISTORY_MS, type ColumnName, type Samples } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { SampleRing } from './sample-ring.ts';
import { watch } from './watch.ts';

export const CHART_COLUMNS = [
  'cpuCores',
  'cpuUserCores',
  'cpuSystemCores',
  'cpuThrottledShare',
  'memoryWorkingSetBytes',
  'memoryUsageBytes',
  'memoryAnonBytes',
  'memoryFileBytes',
  'memoryKernelBytes',
  'ioReadBytesPerS',
  'ioWriteBytesPerS',
  'pids',
] as const satisfies readonly ColumnName[];

export type ChartColumn = (typeof CHART_COLUMNS)[number];

/** Every column of one container for as long as the agent remembers. */
export class ContainerSamples {
  readonly notifier = new FrameNotifier();
  readonly ring: SampleRing<ChartColumn>;
  readonly intervalMs: number;
  readonly #connection: AgentConnection;
  readonly #id: string;

  constructor(connection: AgentConnection, id: string, intervalMs: number) {
    this.#connection = connection;
    this.#id = id;
    this.intervalMs = intervalMs;
    this.ring = new SampleRing(Math.ceil(HISTORY_MS / intervalMs) + 1, CHART_COLUMNS);
  }

  watch(): () => void {
    return watch(
      this.#connection,
      { kind: 'container', container: this.#id },
      {
        history: (samples) => {
          // What is older than it stays: an agent that was started again knows nothing of before.
          this.ring.dropFrom(samples.times[0] ?? Infinity);
          this.#add(samples);
        },
        frame: (samples) => this.#add(samples),
      },
    );
  }

  #add({ times, handles, columns }: Samples): void {
    // One row: anything else is a frame of the table, sent before this watch replaced it.
    if (handles.length !== 1 || columns.memoryAnonBytes === undefined) return;
    times.forEach((time, t) => this.ring.push(time, (name) => columns[name]?.[t] ?? NaN));
    this.notifier.changed();
  }
}
