import { inWords, trimmed, type Quantity } from '@plimsoll/protocol/quantities';
import { instant } from '../../lib/format.ts';
import type { Scale } from '../../lib/scale.ts';
import type { Plot, Series } from './plot.ts';

/** The highest that a chart reaches, stacked series as one. */
export function highest(rows: Plot['rows'], series: readonly Series[]): number {
  const stacked = series.some(({ stack }) => stack !== undefined);
  return rows.reduce((most, row) => {
    const values = series.map(({ column }) => (stacked ? null : row.bands?.[column]?.[1]) ?? row[column] ?? 0);
    return Math.max(most, stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values));
  }, 0);
}

/** A tick of the value axis. */
export function valueTick(value: number, format: (value: number) => Quantity, { ticks }: Scale): string {
  if (value === 0) return '0';
  const { figure, unit } = format(value);
  // Axis figures are round: 0.50 reads 0.5 beside 0.25 only where a tick needs the digit.
  const needsDigits =
    unit === 'cpus' || unit === 'cpu' ? ticks.some((tick) => Math.abs(tick * 10 - Math.round(tick * 10)) > 1e-9) : true;
  return needsDigits ? inWords(trimmed({ figure, unit: unit.replace(/^cpus?$/, '') })) : value.toFixed(1);
}

/** What writes the ticks of a time axis: to the second where it is short, and days where it is long. */
export function timeTick(spanMs: number): (time: number) => string {
  if (spanMs > 3 * DAY_MS) return day;
  if (spanMs > DAY_MS / 2) return (time) => (minutes(time) === '00:00' ? day(time) : minutes(time));
  return spanMs > 120_000 ? minutes : seconds;
}

const DAY_MS = 86_400_000;

/** An instant as a chart of so much time tells it: the day too where it is not a matter of course. */
export function instantOf(time: number, spanMs: number): string {
  const told = instant(new Date(time).toISOString());
  return spanMs > DAY_MS / 4 ? told.slice(0, 16) : told.slice(11);
}

function day(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

function seconds(time: number): string {
  return instant(new Date(time).toISOString()).slice(11);
}

function minutes(time: number): string {
  return seconds(time).slice(0, 5);
}
