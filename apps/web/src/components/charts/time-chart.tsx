'use client';

import type { Quantity } from '@plimsoll/protocol/quantities';
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
import { isAbout, isSevere, type ChartSubject } from '../../lib/incident-in-words.ts';
import { niceScale, timeTicks } from '../../lib/scale.ts';
import type { ChartRow } from '../../live/chart-rows.ts';
import { ChartTooltip } from './chart-tooltip.tsx';
import { Brush } from './brush.tsx';
import { IncidentMark } from './incident-mark.tsx';
import { LoadGradient } from './load-gradient.tsx';
import { LoadLine } from './load-line.tsx';
import type { MoreLine, Plot, Series } from './plot.ts';
import { RestartMark } from './restart-mark.tsx';
import { highest, timeTick, valueTick } from './ticks.ts';

interface TimeChartProps {
  label: string;
  /** Out of sight: what was drawn stays. */
  idle: boolean;
  /** Incidents that are about it are marked. */
  subject: ChartSubject;
  plot: Plot;
  series: readonly Series[];
  more?: readonly MoreLine[] | undefined;
  limit?: number | undefined;
  axis: 'decimal' | 'binary' | 'whole';
  format: (value: number) => Quantity;
  /** A span was chosen in it; undefined: none can be. */
  select?: ((from: number, to: number) => void) | undefined;
}

const HEIGHT = 176;
const NO_LINES: readonly MoreLine[] = [];
/** More marks than this run into each other: the newest are drawn. */
const MOST_MARKS = 60;
const MARGIN = { top: 12, right: 8, bottom: 0, left: 0 };
const X_AXIS_HEIGHT = 24;
const Y_AXIS_WIDTH = 68;
const TICK = { fill: 'var(--color-ink-3)', fontSize: 12 };
/** Room above the load line, so that what goes over it is seen to. */
const HEADROOM = 1.12;

/** One chart of a cgroup: areas or lines over time, frozen spans tinted, the limit as the load line. */
export const TimeChart = memo(Drawn, (before, after) => after.idle || isSame(before, after));

function Drawn(props: TimeChartProps) {
  const { label, subject, plot, series, more = NO_LINES, limit, axis, format, select } = props;
  const id = useId();
  const { rows, from, to, spans, unseen, restarts } = plot;
  const marks = plot.incidents
    .filter((incident) => isAbout(incident, subject) && Date.parse(incident.at) >= from && Date.parse(incident.at) <= to)
    .slice(-MOST_MARKS);
  const scale = niceScale(highest(rows, series), axis, (limit ?? 0) * HEADROOM);
  const began = restarts.filter(({ at }) => at >= from && at <= to).slice(-MOST_MARKS);
  const chart = (
    <div role="group" aria-label={`${label} over time`} className="h-44 text-12">
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <AreaChart data={rows} margin={MARGIN} syncId="charts" syncMethod="value">
          <defs>
            {unseen.length > 0 && <Hatching id={`${id}unseen`} />}
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
            tickFormatter={timeTick(to - from)}
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
            tickFormatter={(value: number) => valueTick(value, format, scale)}
            width={Y_AXIS_WIDTH}
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
          {unseen.map((span) => (
            <ReferenceArea
              key={`unseen ${span.from}`}
              x1={Math.max(span.from, from)}
              x2={Math.min(span.to ?? to, to)}
              ifOverflow="hidden"
              fill={`url(#${id}unseen)`}
              fillOpacity={1}
            />
          ))}
          {series.map(({ column, colour, stack, label: name }) =>
            // Of areas on each other there is no least and most.
            stack !== undefined || !rows.some(({ bands }) => bands?.[column] !== undefined) ? null : (
              <Area
                key={`band ${column}`}
                dataKey={(row: ChartRow) => row.bands?.[column] ?? null}
                name={`${name}, least to most`}
                type="linear"
                stroke="none"
                fill={`var(--color-${colour})`}
                fillOpacity={0.22}
                dot={false}
                activeDot={false}
                isAnimationActive={false}
                connectNulls={false}
              />
            ),
          )}
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
          {began.map(({ at, container }) => (
            <ReferenceLine key={`${container} ${at}`} x={at} shape={RestartMark} />
          ))}
          {marks.map((incident) => (
            <ReferenceLine
              key={`${incident.id} ${incident.at}`}
              x={Date.parse(incident.at)}
              stroke={isSevere(incident) ? 'var(--color-over)' : 'var(--color-amber)'}
              shape={IncidentMark}
            />
          ))}
          <Tooltip
            content={
              <ChartTooltip
                series={series}
                more={more}
                format={format}
                limit={limit}
                incidents={marks}
                restarts={began}
                spanMs={to - from}
              />
            }
            cursor={{ stroke: 'var(--color-ink-3)', strokeDasharray: '2 3' }}
            isAnimationActive={false}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
  if (select === undefined) return chart;
  return (
    <Brush from={from} to={to} left={Y_AXIS_WIDTH + MARGIN.left} right={MARGIN.right} select={select}>
      {chart}
    </Brush>
  );
}

/** Nobody was there to read. */
function Hatching({ id }: { id: string }) {
  return (
    <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width={6} height={6} fill="var(--color-ink-3)" fillOpacity={0.06} />
      <line x1={0} x2={0} y1={0} y2={6} stroke="var(--color-ink-3)" strokeOpacity={0.45} strokeWidth={1.5} />
    </pattern>
  );
}

function isSame(before: TimeChartProps, after: TimeChartProps): boolean {
  const names = Object.keys({ ...before, ...after }) as (keyof TimeChartProps)[];
  return names.every((name) => Object.is(before[name], after[name]));
}
