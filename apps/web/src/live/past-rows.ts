import { CHART_COLUMNS, type ChartColumn, type ChartHistory } from '@plimsoll/protocol';
import type { ChartRow } from './chart-rows.ts';

/** Rows of a chart of the past: each at the middle of its step, a step without any reading a break in the line. */
export function pastRows({ from, stepMs, steps, columns }: ChartHistory): ChartRow[] {
  return Array.from({ length: steps }, (_, step): ChartRow => {
    const bands: Partial<Record<ChartColumn, [number, number]>> = {};
    const values = CHART_COLUMNS.map((name) => {
      const series = columns[name];
      const [least, most] = [series?.least?.[step] ?? null, series?.most?.[step] ?? null];
      if (least !== null && most !== null) bands[name] = [least, most];
      return [name, series?.mean[step] ?? null];
    });
    return { time: from + (step + 0.5) * stepMs, ...(Object.fromEntries(values) as Record<ChartColumn, number | null>), bands };
  });
}

/** The mean of all that is shown of a column; NaN: nothing is. */
export function meanOf(rows: readonly ChartRow[], column: ChartColumn): number {
  const values = rows.flatMap((row) => row[column] ?? []);
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
