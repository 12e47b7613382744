import { HISTORY_MS, type ColumnName, type Samples } from '@plimsoll/protocol';
import type { Figures } from '../lib/table-view.ts';
import type { AgentConnection } from './connection.ts';
import type { ContainerList } from './container-list.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { SparklineSeries } from './sparkline-series.ts';
import { watch } from './watch.ts';

/** Two minutes in a sparkline, where the agent samples every second or faster. */
const LEAST_STEP_MS = 1000;
/** The grain of the history that the agent sends for the table (stream.ts): steps without a reading in between are no gap. */
const HISTORY_STEP_MS = HISTORY_MS / 120;

const NONE: Figures = { cpu: NaN, memory: NaN, io: NaN, pids: NaN };

/** The newest figures of every container, and the recent past of its cpu. */
export class TableSamples {
  readonly notifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  readonly #containers: ContainerList;
  #figures = new Map<string, Figures>();
  readonly #series = new Map<string, SparklineSeries>();
  #time = NaN;

  constructor(connection: AgentConnection, containers: ContainerList) {
    this.#connection = connection;
    this.#containers = containers;
  }

  /** Milliseconds since the epoch, by the agent's clock. */
  get time(): number {
    return this.#time;
  }

  readonly figures = (id: string): Figures => this.#figures.get(id) ?? NONE;

  /** `join`: so many steps without a reading are bridged. */
  sparkline(id: string): { points: number[]; join: number } {
    return { points: this.#series.get(id)?.points(this.#time) ?? [], join: Math.ceil(HISTORY_STEP_MS / this.#stepMs) + 1 };
  }

  get #stepMs(): number {
    return Math.max(LEAST_STEP_MS, this.#containers.hello()?.intervalMs ?? LEAST_STEP_MS);
  }

  watch(): () => void {
    const add = (samples: Samples) => this.#add(samples);
    return watch(this.#connection, { kind: 'table' }, { history: add, frame: add });
  }

  #add(samples: Samples): void {
    const { times, handles, columns } = samples;
    const last = times.length - 1;
    if (last < 0) return;
    const at = (name: ColumnName, row: number, t: number) => Number(columns[name]?.[row * times.length + t] ?? NaN);
    // A frame holds every row that has a reading: who is not in it has none.
    const figures = new Map<string, Figures>();
    for (let row = 0; row < handles.length; row += 1) {
      const id = this.#containers.idOf(handles[row] ?? -1);
      if (id === undefined) continue;
      const series = this.#series.get(id) ?? new SparklineSeries(this.#stepMs);
      this.#series.set(id, series);
      for (let t = 0; t <= last; t += 1) series.push(times[t] ?? NaN, at('cpuCores', row, t));
      figures.set(id, {
        cpu: at('cpuCores', row, last),
        memory: at('memoryWorkingSetBytes', row, last),
        io: at('ioReadBytesPerS', row, last) + at('ioWriteBytesPerS', row, last),
        pids: at('pids', row, last),
      });
    }
    this.#figures = figures;
    for (const id of this.#series.keys()) if (this.#containers.get(id) === undefined) this.#series.delete(id);
    this.#time = times[last] ?? NaN;
    this.notifier.changed();
  }
}
