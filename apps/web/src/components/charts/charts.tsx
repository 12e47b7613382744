'use client';

import type { Incident } from '@plimsoll/protocol';
import { useCallback, useDeferredValue, useState } from 'react';
import type { ChartTarget } from '../../live/cgroup-samples.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { spanBetween, usualWindow } from '../../lib/chart-range.ts';
import { ErrorNote } from '../error-note.tsx';
import { useConnectionState, useHostReport } from '../live-provider.tsx';
import { Chart } from './chart.tsx';
import type { Plot } from './plot.ts';
import { RangeBar } from './range-bar.tsx';
import { CHARTS, type ChartLimits, type ChartSpec } from './specs.ts';
import { useChartHistory } from './use-chart-history.ts';
import { useChartRange } from './use-chart-range.ts';
import { figureOf, usePlot } from './use-plot.ts';
import { useSamples } from './use-samples.ts';

const NOTHING_KEPT = 'Nothing was read in this time, or it is kept no more.';

/** What charts are of. */
export interface Charted {
  target: ChartTarget;
  /** A table is live on the same page. */
  apart: boolean;
  limits: ChartLimits;
  spans: readonly FreezeSpan[];
  incidents: readonly Incident[];
  /** There are readings now. */
  alive: boolean;
  /** Milliseconds since the epoch, where they are known. */
  startedAt: number | null;
  endedAt: number | null;
  /** In place of charts where there is nothing to draw. */
  absent: string;
}

/** Every chart of one cgroup, over one time axis. */
export function Charts({ of }: { of: Charted }) {
  const { target, apart, spans, incidents, alive, startedAt, endedAt, absent } = of;
  const samples = useSamples(target, apart);
  // Nobody reads a cgroup of the host before it is watched, and nothing of it is kept.
  const hasPast = target.kind !== 'cgroup';
  // As it was when the page was opened: the window does not change by itself.
  const [usualMs] = useState(() => usualWindow(hasPast ? (endedAt ?? Date.now()) - (startedAt ?? -Infinity) : 0));
  const { range, change, reset } = useChartRange(usualMs, hasPast);
  const past = useChartHistory(target, range, endedAt);
  const offline = useConnectionState().kind === 'offline';
  const ioIsPartial = useIoIsPartial();
  const newest = usePlot({ samples, past, range, spans, incidents, endedAt });
  // The state of what is looked at shows first: charts are drawn when that is done.
  const plot = useDeferredValue(newest);
  const select = useCallback(
    (from: number, to: number) => change(spanBetween(from, to, Date.now())),
    // The same whatever is shown: it reads the address anew.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [],
  );
  const now = figureOf(plot, range, samples, alive);
  const bar = <RangeBar range={range} hasPast={hasPast} change={change} reset={reset} />;
  if (past.error !== null && range.kind !== 'live' && past.history === null) {
    return (
      <section aria-label="Charts">
        {bar}
        <ErrorNote error={past.error} />
      </section>
    );
  }
  const isWaiting = range.kind !== 'live' && !past.isCurrent;
  if (!isWaiting && !(alive && range.kind === 'live') && isEmpty(newest)) {
    return (
      <section aria-label="Charts" className="@container">
        {bar}
        <p className="card px-4 py-3 text-13 text-ink-2">{range.kind === 'live' ? absent : NOTHING_KEPT}</p>
      </section>
    );
  }
  const limits: ChartLimits = {
    cpus: of.limits.cpus,
    memoryBytes: of.limits.memoryBytes ?? finite(now('memoryLimitBytes')),
    pids: of.limits.pids ?? finite(now('pidsLimit')),
    storageBytes: of.limits.storageBytes,
  };
  return (
    <section aria-label="Charts" aria-busy={isWaiting} className={`@container ${offline ? 'opacity-60' : ''}`}>
      {bar}
      <div className="grid grid-cols-1 gap-3 @3xl:grid-cols-2 @7xl:grid-cols-3">
        {CHARTS.filter((spec) => isShown(spec, plot)).map((spec) => (
          <Chart
            key={spec.subject}
            spec={spec}
            plot={plot}
            now={now}
            limit={spec.limit === undefined ? undefined : limits[spec.limit]}
            partial={spec.subject === 'io' && ioIsPartial}
            isMean={range.kind === 'span'}
            select={hasPast ? select : undefined}
          />
        ))}
      </div>
    </section>
  );
}

/** On cgroup v1 the counters of the io controller miss what is written back later. */
function useIoIsPartial(): boolean {
  const io = useHostReport()?.controllers.find(({ name }) => name === 'io');
  return io?.available === true && io.detail.includes('v1');
}

function isShown({ when, series }: ChartSpec, { rows }: Plot): boolean {
  if (when === undefined) return true;
  const least = when === 'any reading' ? -1 : 0;
  return rows.some((row) => series.some(({ column }) => (row[column] ?? -1) > least));
}

function isEmpty({ rows }: Plot): boolean {
  return rows.every(({ pids, cpuCores }) => pids === null && cpuCores === null);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
