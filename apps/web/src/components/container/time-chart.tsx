'use client';

import { memo, useId } from 'react';
import {
  Area,
  AreaChart,
  CartesianGrid,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { instant, inWords, type Quantity } from '../../lib/format.ts';
import { niceScale, timeTicks, type Scale } from '../../lib/scale.ts';
import type { ChartRow } from '../../live/chart-rows.ts';
import type { ChartColumn } from '../../live/container-samples.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { ChartTooltip } from './chart-tooltip.tsx';
import { LoadGradient } from './load-gradient.tsx';
import { LoadLine } from './load-line.tsx';

export interface Series {
  column: ChartColumn;
  label: string;
  /** A colour of the theme. */
  colour: string;
  stack?: string;
  dashed?: boolean;
  /** Water below the load line, warmer above. */
  fillsToLoadLine?: boolean;
}

interface Plot {
  rows: readonly ChartRow[];
  from: number;
  to: number;
  spans: readonly FreezeSpan[];
}

interface TimeChartProps {
  label: string;
  plot: Plot;
  series: readonly Series[];
  limit?: number | undefined;
  axis: 'decimal' | 'binary' | 'whole';
  format: (value: number) => Quantity;
}

const HEIGHT = 176;
const MARGIN = { top: 12, right: 8, bottom: 0, left: 0 };
const X_AXIS_HEIGHT = 24;
const TICK = { fill: 'var(--color-ink-3)', fontSize: 12 };
/** Room above the load line, so that what goes over it is seen to. */
const HEADROOM = 1.12;

/** One chart of a container: areas or lines over time, frozen spans tinted, the limit as the load line. */
export const TimeChart = memo(function TimeChart({ label, plot, series, limit, axis, format }: TimeChartProps) {
  const id = useId();
  const { rows, from, to, spans } = plot;
  const scale = niceScale(highest(rows, series), axis, (limit ?? 0) * HEADROOM);
  return (
    <div role="group" aria-label={`${label} over time`} className="h-44 text-12">
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <AreaChart data={rows} margin={MARGIN} syncId="container" syncMethod="value">
          <defs>
            {limit !== undefined && (
              <LoadGradient id={id} limit={limit} max={scale.max} top={MARGIN.top} bottom={HEIGHT - X_AXIS_HEIGHT} />
            )}
          </defs>
          <CartesianGrid vertical={false} stroke="var(--color-line)" />
          <XAxis
            dataKey="time"
            type="number"
            scale="time"
            domain={[from, to]}
            ticks={timeTicks(from, to)}
            tickFormatter={to - from > 120_000 ? minutes : seconds}
            height={X_AXIS_HEIGHT}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--color-line-strong)' }}
            allowDataOverflow
            minTickGap={24}
          />
          <YAxis
            domain={[0, scale.max]}
            ticks={scale.ticks}
            tickFormatter={(value: number) => tickLabel(value, format, scale)}
            width={68}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            interval={0}
          />
          {spans.map((span) => (
            <ReferenceArea
              key={span.from}
              x1={Math.max(span.from, from)}
              x2={Math.min(span.to ?? to, to)}
              ifOverflow="hidden"
              fill="var(--color-ice)"
              fillOpacity={0.16}
            />
          ))}
          {series.map(({ column, colour, stack, dashed = false, fillsToLoadLine = false, label: name }) => {
            const paint = fillsToLoadLine && limit !== undefined ? `url(#${id})` : `var(--color-${colour})`;
            return (
              <Area
                key={column}
                dataKey={column}
                name={name}
                {...(stack !== undefined && { stackId: stack })}
                type="linear"
                stroke={paint}
                strokeWidth={1.5}
                strokeDasharray={dashed ? '5 3' : ''}
                fill={paint}
                fillOpacity={stack === undefined ? 0.2 : 0.65}
                dot={false}
                activeDot={{ r: 3, stroke: 'var(--color-surface)', fill: `var(--color-${colour})` }}
                isAnimationActive={false}
                connectNulls={false}
              />
            );
          })}
          {limit !== undefined && <ReferenceLine y={limit} shape={LoadLine} />}
          <Tooltip
            content={<ChartTooltip series={series} format={format} limit={limit} />}
            cursor={{ stroke: 'var(--color-ink-3)', strokeDasharray: '2 3' }}
            isAnimationActive={false}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
});

function highest(rows: readonly ChartRow[], series: readonly Series[]): number {
  const stacked = series.some(({ stack }) => stack !== undefined);
  return rows.reduce((most, row) => {
    const values = series.map(({ column }) => row[column] ?? 0);
    return Math.max(most, stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values));
  }, 0);
}

function tickLabel(value: number, format: (value: number) => Quantity, { ticks }: Scale): string {
  if (value === 0) return '0';
  const { figure, unit } = format(value);
  // Axis figures are round: 0.50 reads 0.5 beside 0.25 only where a tick needs the digit.
  const needsDigits =
    unit === 'cpus' || unit === 'cpu' ? ticks.some((tick) => Math.abs(tick * 10 - Math.round(tick * 10)) > 1e-9) : true;
  return needsDigits ? inWords({ figure: trimZeros(figure), unit: unit.replace(/^cpus?$/, '') }) : value.toFixed(1);
}

function trimZeros(figure: string): string {
  return figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure;
}

function seconds(time: number): string {
  return instant(new Date(time).toISOString()).slice(11);
}

function minutes(time: number): string {
  return seconds(time).slice(0, 5);
}
