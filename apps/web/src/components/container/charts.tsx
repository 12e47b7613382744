'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { usePathname, useSearchParams } from 'next/navigation';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { bytes, bytesPerSecond, cores, count, inWords, percent, type Quantity } from '../../lib/format.ts';
import { chartRows } from '../../live/chart-rows.ts';
import { CHART_COLUMNS, ContainerSamples } from '../../live/container-samples.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { useChanges, useConnectionState, useHello, useLive } from '../live-provider.tsx';
import { ChartCard } from './chart-card.tsx';
import { type Series, TimeChart } from './time-chart.tsx';
import { defaultWindow, readWindow, WindowSwitch } from './window-switch.tsx';

const NO_SPANS: readonly FreezeSpan[] = [];
const CPU: readonly Series[] = [{ column: 'cpuCores', label: 'cpu', colour: 'cpu', fillsToLoadLine: true }];
const MEMORY: readonly Series[] = [
  { column: 'memoryAnonBytes', label: 'anonymous', colour: 'anon', stack: 'memory' },
  { column: 'memoryFileBytes', label: 'file cache', colour: 'file', stack: 'memory' },
  { column: 'memoryKernelBytes', label: 'kernel', colour: 'kernel', stack: 'memory' },
];
const IO_DEFINITION =
  'Bytes read from and written to disks, without discards. On a host whose io controller is cgroup v1, direct and synchronous io only.';
const IO: readonly Series[] = [
  { column: 'ioReadBytesPerS', label: 'read', colour: 'read' },
  { column: 'ioWriteBytesPerS', label: 'write', colour: 'write', dashed: true },
];
const PIDS: readonly Series[] = [{ column: 'pids', label: 'processes and threads', colour: 'pids', fillsToLoadLine: true }];

/** Cpu, memory, block io and pids over one time axis. */
export function Charts({ view }: { view: ContainerView }) {
  const samples = useSamples(view.id);
  const version = useChanges(samples?.notifier);
  // As it was when the page was opened: the window does not change by itself.
  const [usualWindow] = useState(() => defaultWindow(ranForMs(view)));
  const windowMs = readWindow(useSearchParams(), usualWindow);
  const path = usePathname();
  const spans = useLive()?.containers.freezes(view.id) ?? NO_SPANS;
  const offline = useConnectionState().kind === 'offline';

  const endedAt = view.state.status === 'exited' ? Date.parse(view.state.exitedAt) : null;
  const newest = useMemo(() => {
    const to = endedAt ?? (samples !== null && samples.ring.length > 0 ? samples.ring.latestTime : Date.now());
    const rows = samples === null ? [] : chartRows(samples.ring, CHART_COLUMNS, to - windowMs, samples.intervalMs);
    return { rows, from: to - windowMs, to, spans };
    // The version stands for the readings, which change in place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [samples, version, windowMs, spans, endedAt]);

  // The state of the container shows first: charts are drawn when that is done.
  const plot = useDeferredValue(newest);
  const { limits } = view;
  const ring = samples?.ring;
  const now = (column: (typeof CHART_COLUMNS)[number]) => (isAlive(view) ? (ring?.latest(column) ?? NaN) : NaN);
  const throttled = now('cpuThrottledShare');
  if (!isAlive(view) && plot.rows.every(({ pids, cpuCores }) => pids === null && cpuCores === null)) return <NothingToDraw />;
  return (
    <section aria-label="Charts" className={offline ? 'opacity-60' : ''}>
      <div className="mb-2 flex justify-end">
        <WindowSwitch windowMs={windowMs} path={path} />
      </div>
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
        <ChartCard
          title="Cpu"
          now={cores(now('cpuCores'))}
          limit={limits.cpus === undefined ? undefined : cores(limits.cpus)}
          note={throttled > 0.005 ? `held back by its limit ${inWords(percent(throttled))} of the time` : undefined}
        >
          <TimeChart label="Cpu" plot={plot} series={CPU} limit={limits.cpus} axis="decimal" format={cores} />
        </ChartCard>
        <ChartCard
          title="Memory"
          now={bytes(now('memoryWorkingSetBytes'))}
          limit={limits.memoryBytes === undefined ? undefined : bytes(limits.memoryBytes)}
          definition={memoryDefinition(bytes(now('memoryUsageBytes')))}
          legend={MEMORY}
        >
          <TimeChart label="Memory" plot={plot} series={MEMORY} limit={limits.memoryBytes} axis="binary" format={bytes} />
        </ChartCard>
        <ChartCard
          title="Block io"
          definition={IO_DEFINITION}
          now={bytesPerSecond(now('ioReadBytesPerS') + now('ioWriteBytesPerS'))}
          legend={IO}
        >
          <TimeChart label="Block io" plot={plot} series={IO} axis="binary" format={bytesPerSecond} />
        </ChartCard>
        <ChartCard title="Pids" now={count(now('pids'))} limit={limits.pids === undefined ? undefined : count(limits.pids)}>
          <TimeChart label="Pids" plot={plot} series={PIDS} limit={limits.pids} axis="whole" format={count} />
        </ChartCard>
      </div>
    </section>
  );
}

/** The headline is the working set; the areas below it add up to the raw usage, which the limit is held against. */
function memoryDefinition(usage: Quantity): string {
  const raw = usage.unit === '' ? '' : ` With it: ${inWords(usage)}.`;
  return `Working set: memory in use without the file cache that the kernel would drop first.${raw}`;
}

function NothingToDraw() {
  return (
    <p className="card px-4 py-3 text-13 text-ink-2">
      It is not running, and readings of the last ten minutes are all that is kept.
    </p>
  );
}

function isAlive({ state: { status } }: ContainerView): boolean {
  return status === 'running' || status === 'frozen' || status === 'stopping';
}

function ranForMs({ state }: ContainerView): number {
  const startedAt = 'startedAt' in state ? Date.parse(state.startedAt) : NaN;
  return (state.status === 'exited' ? Date.parse(state.exitedAt) : Date.now()) - startedAt;
}

function useSamples(id: string): ContainerSamples | null {
  const connection = useLive()?.connection;
  const intervalMs = useHello()?.intervalMs;
  const samples = useMemo(
    () => (connection === undefined || intervalMs === undefined ? null : new ContainerSamples(connection, id, intervalMs)),
    [connection, id, intervalMs],
  );
  useEffect(() => samples?.watch(), [samples]);
  return samples;
}
