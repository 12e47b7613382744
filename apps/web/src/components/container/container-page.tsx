'use client';

import type { ContainerView } from '@plimsoll/protocol';
import Link from 'next/link';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { LazyCharts } from '../charts/lazy-charts.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useContainer, useIncidents, useLive } from '../live-provider.tsx';
import { ContainerHeader } from './container-header.tsx';
import { ContainerTabs } from './container-tabs.tsx';

export function ContainerPage({ initial }: { initial: ContainerView }) {
  const { view, removed } = useContainer(initial);
  const { state } = view;
  return (
    <div className={`min-h-full flex-1 ${state.status === 'frozen' ? 'bg-ice-tint' : ''}`}>
      <title>{`${view.name} · Plimsoll`}</title>
      <ContainerHeader view={view} removed={removed} />
      <div className="flex flex-col gap-4 px-4 pb-8">
        {removed && (
          <p role="status" className="card px-4 py-3">
            This container has been removed.{' '}
            <Link href="/containers" className="text-accent underline">
              All containers
            </Link>
          </p>
        )}
        {state.status === 'failed' && <ErrorNote error={state.error} />}
        {state.status === 'exited' && state.oomKilled && <OutOfMemory view={view} />}
        <ContainerCharts view={view} />
        {!removed && <ContainerTabs view={view} />}
      </div>
    </div>
  );
}

const NO_SPANS: readonly FreezeSpan[] = [];

function ContainerCharts({ view: { id, limits, state } }: { view: ContainerView }) {
  const spans = useLive()?.containers.freezes(id) ?? NO_SPANS;
  const incidents = useIncidents({ container: id });
  const endedAt = state.status === 'exited' ? Date.parse(state.exitedAt) : null;
  const startedAt = 'startedAt' in state ? Date.parse(state.startedAt) : null;
  return (
    <LazyCharts
      of={{
        target: { kind: 'container', container: id },
        apart: false,
        limits,
        spans,
        incidents,
        alive: 'pid' in state,
        startedAt,
        endedAt,
        absent: 'It was not running in this time. Longer ones show what is kept of the time before.',
      }}
    />
  );
}

function OutOfMemory({ view: { limits } }: { view: ContainerView }) {
  const message =
    limits.memoryBytes === undefined
      ? 'The host ran out of memory, and the kernel chose this container to end.'
      : 'It needed more memory than its limit, and the kernel ended it.';
  return <ErrorNote error={{ message, hint: 'Raise its memory limit and start it again, or have what runs inside use less.' }} />;
}
