import type { ChartColumn, Incident, Restart, TimeSpan } from '@plimsoll/protocol';
import type { ChartRow } from '../../live/chart-rows.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';

/** What all charts of a page share. */
export interface Plot {
  rows: readonly ChartRow[];
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  spans: readonly FreezeSpan[];
  incidents: readonly Incident[];
  /** In which no agent was there to take readings. */
  unseen: readonly TimeSpan[];
  restarts: readonly Restart[];
}

export interface Series {
  column: ChartColumn;
  label: string;
  /** A colour of the theme. */
  colour: string;
  stack?: string;
  dashed?: boolean;
  /** Water below the load line, warmer above. */
  fillsToLoadLine?: boolean;
  /** What it means, where its name does not say. */
  definition?: string;
}

/** A figure that the tooltip alone tells. */
export interface MoreLine {
  column: ChartColumn;
  label: string;
}
