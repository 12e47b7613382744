import { HISTORY_MS, type Samples } from '@plimsoll/protocol';
import type { AgentState } from './agent-state.ts';
import type { AgentConnection } from './connection.ts';
import { cell, newestFigures, NO_FIGURES, type Figures } from './figures.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { SparklineSeries } from './sparkline-series.ts';
import { watch } from './watch.ts';

/** Two minutes in a sparkline, where the agent samples every second or faster. */
const LEAST_STEP_MS = 1000;
/** The grain of the history that the agent sends for the table (stream.ts): steps without a reading in between are no gap. */
const HISTORY_STEP_MS = HISTORY_MS / 120;

/** A group's row among those of containers, whose ids have no slash. */
export function groupRow(path: string): string {
  return `/${path}`;
}

/** The newest figures of every container and group, and the recent past of its cpu. */
export class TableSamples {
  readonly notifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  readonly #state: AgentState;
  #figures = new Map<string, Figures>();
  readonly #series = new Map<string, SparklineSeries>();
  #time = NaN;

  constructor(connection: AgentConnection, state: AgentState) {
    this.#connection = connection;
    this.#state = state;
  }

  /** Of a container's id, or of a `groupRow`. */
  readonly figures = (row: string): Figures => this.#figures.get(row) ?? NO_FIGURES;

  /** `join`: so many steps without a reading are bridged. */
  sparkline(row: string): { points: number[]; join: number } {
    return { points: this.#series.get(row)?.points(this.#time) ?? [], join: Math.ceil(HISTORY_STEP_MS / this.#stepMs) + 1 };
  }

  get #stepMs(): number {
    return Math.max(LEAST_STEP_MS, this.#state.hello()?.intervalMs ?? LEAST_STEP_MS);
  }

  watch(): () => void {
    const add = (samples: Samples) => this.#add(samples);
    return watch(this.#connection, { kind: 'table' }, { history: add, frame: add });
  }

  #add(samples: Samples): void {
    const { times, handles } = samples;
    if (times.length === 0) return;
    // A frame holds every row that has a reading: who is not in it has none.
    const figures = new Map<string, Figures>();
    for (let i = 0; i < handles.length; i += 1) {
      const row = this.#rowOf(handles[i] ?? -1);
      if (row === undefined) continue;
      const series = this.#series.get(row) ?? new SparklineSeries(this.#stepMs);
      this.#series.set(row, series);
      times.forEach((time, t) => series.push(time, cell(samples, 'cpuCores', i, t)));
      figures.set(row, newestFigures(samples, i));
    }
    this.#figures = figures;
    for (const row of this.#series.keys()) if (!this.#isThere(row)) this.#series.delete(row);
    this.#time = times.at(-1) ?? NaN;
    this.notifier.changed();
  }

  #rowOf(handle: number): string | undefined {
    const { containers, groups } = this.#state;
    const group = groups.keyOf(handle);
    return group === undefined ? containers.keyOf(handle) : groupRow(group);
  }

  #isThere(row: string): boolean {
    const { containers, groups } = this.#state;
    return (row.startsWith('/') ? groups.get(row.slice(1)) : containers.get(row)) !== undefined;
  }
}
