'use client';

import type { ContainerView } from '@plimsoll/protocol';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useContainer } from '../live-provider.tsx';
import { ErrorNote } from '../error-note.tsx';
import { ContainerHeader } from './container-header.tsx';
import { ContainerTabs } from './container-tabs.tsx';

// The chart library is most of this page's code, and charts have nothing to show before the first samples.
const Charts = dynamic(async () => (await import('./charts.tsx')).Charts, {
  ssr: false,
  loading: () => <div aria-hidden className="h-[34rem] flex-none" />,
});

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
        <Charts view={view} />
        {!removed && <ContainerTabs view={view} />}
      </div>
    </div>
  );
}

function OutOfMemory({ view: { limits } }: { view: ContainerView }) {
  const message =
    limits.memoryBytes === undefined
      ? 'The host ran out of memory, and the kernel chose this container to end.'
      : 'It needed more memory than its limit, and the kernel ended it.';
  return <ErrorNote error={{ message, hint: 'Make it anew with a higher memory limit, or have what runs inside use less.' }} />;
}
