import { ChartHistory, ChartQuery } from '../chart-history.ts';
import type { Commands } from './command.ts';

export const CHART_COMMANDS = {
  /** What charts of the past show: every column that is kept, and what happened meanwhile. */
  'chart.history': { args: ChartQuery, result: ChartHistory, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
} as const satisfies Commands;
