import { z } from 'zod';
import { CHART_COLUMNS } from './chart-columns.ts';
import { Instant } from './container-state.ts';
import { Incident } from './incident.ts';
import { ContainerRef, GroupPath } from './names.ts';
import { TimeSpan } from './time-span.ts';

export const LONGEST_CHART_MS = 400 * 86_400_000;
export const MOST_CHART_POINTS = 1000;

/** Of one container or one group, a span of time at `points` points or somewhat fewer. */
export const ChartQuery = z
  .strictObject({
    container: ContainerRef.optional(),
    group: GroupPath.optional(),
    from: Instant,
    to: Instant,
    points: z.int().min(1).max(MOST_CHART_POINTS).default(400),
  })
  .refine(({ container, group }) => (container === undefined) !== (group === undefined), 'name a container or a group')
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'the span ends before it begins')
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= LONGEST_CHART_MS, 'at most 400 days');
export type ChartQuery = z.output<typeof ChartQuery>;

/** One value for each step; null: no reading. */
const Values = z.array(z.number().nullable());

/** Over each step. `least` and `most` are left out where both are the mean everywhere. */
export const ChartSeries = z.object({ mean: Values, least: Values.optional(), most: Values.optional() });
export type ChartSeries = z.infer<typeof ChartSeries>;

/** It was started again. */
export const Restart = z.object({ at: z.number(), container: z.string(), name: z.string().nullable() });
export type Restart = z.infer<typeof Restart>;

export const ChartHistory = z.object({
  /** Of the first step's begin, ms since 1970; each is `stepMs` long. */
  from: z.number(),
  stepMs: z.number(),
  steps: z.int(),
  /** A column without any reading is left out. */
  columns: z.partialRecord(z.enum(CHART_COLUMNS), ChartSeries),
  frozen: z.array(TimeSpan),
  /** In which no agent was there to take readings. */
  unseen: z.array(TimeSpan),
  incidents: z.array(Incident),
  restarts: z.array(Restart),
});
export type ChartHistory = z.infer<typeof ChartHistory>;
