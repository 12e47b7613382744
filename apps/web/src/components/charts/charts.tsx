'use client';

import { CHART_COLUMNS, type ChartColumn, type Incident } from '@plimsoll/protocol';
import { usePathname, useSearchParams } from 'next/navigation';
import { useDeferredValue, useMemo, useState } from 'react';
import { chartRows } from '../../live/chart-rows.ts';
import type { ChartTarget } from '../../live/cgroup-samples.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { useChanges, useConnectionState, useHostReport } from '../live-provider.tsx';
import { Chart } from './chart.tsx';
import type { Plot } from './plot.ts';
import { CHARTS, type ChartLimits, type ChartSpec } from './specs.ts';
import { useSamples } from './use-samples.ts';
import { defaultWindow, readWindow, WindowSwitch } from './window-switch.tsx';

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
  const version = useChanges(samples?.notifier);
  // As it was when the page was opened: the window does not change by itself.
  const [usualWindow] = useState(() =>
    // Nobody reads a cgroup of the host before it is watched.
    defaultWindow(target.kind === 'cgroup' ? 0 : (endedAt ?? Date.now()) - (startedAt ?? -Infinity)),
  );
  const windowMs = readWindow(useSearchParams(), usualWindow);
  const path = usePathname();
  const offline = useConnectionState().kind === 'offline';
  const ioIsPartial = useIoIsPartial();

  const newest = useMemo((): Plot => {
    const to = endedAt ?? (samples !== null && samples.ring.length > 0 ? samples.ring.latestTime : Date.now());
    const rows = samples === null ? [] : chartRows(samples.ring, CHART_COLUMNS, to - windowMs, samples.intervalMs);
    return { rows, from: to - windowMs, to, spans, incidents };
    // The version stands for the readings, which change in place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [samples, version, windowMs, spans, incidents, endedAt]);

  // The state of what is looked at shows first: charts are drawn when that is done.
  const plot = useDeferredValue(newest);
  const now = (column: ChartColumn) => (alive ? (samples?.ring.latest(column) ?? NaN) : NaN);
  if (!alive && plot.rows.every(({ pids, cpuCores }) => pids === null && cpuCores === null)) {
    return <p className="card px-4 py-3 text-13 text-ink-2">{absent}</p>;
  }
  const limits: ChartLimits = {
    cpus: of.limits.cpus,
    memoryBytes: of.limits.memoryBytes ?? finite(now('memoryLimitBytes')),
    pids: of.limits.pids ?? finite(now('pidsLimit')),
  };
  return (
    <section aria-label="Charts" className={`@container ${offline ? 'opacity-60' : ''}`}>
      <div className="mb-2 flex justify-end">
        <WindowSwitch windowMs={windowMs} path={path} />
      </div>
      <div className="grid grid-cols-1 gap-3 @3xl:grid-cols-2 @7xl:grid-cols-3">
        {CHARTS.filter((spec) => isShown(spec, plot)).map((spec) => (
          <Chart
            key={spec.subject}
            spec={spec}
            plot={plot}
            now={now}
            limit={spec.limit === undefined ? undefined : limits[spec.limit]}
            partial={spec.subject === 'io' && ioIsPartial}
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

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
