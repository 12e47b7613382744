'use client';

import { namespaceMatrix, type HostNamespaces } from '@plimsoll/protocol';
import { RefreshCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { plural } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { FilterField } from '../filter-field.tsx';
import { KernelPlaces } from '../kernel/kernel-places.tsx';
import { useConnectionState } from '../live-provider.tsx';
import { useAnswer } from '../use-answer.ts';
import { useRunning } from '../use-running.ts';
import { Matrix } from './matrix.tsx';
import { OtherNamespaces } from './other-namespaces.tsx';

/** Who is apart from whom on this host: containers by types of namespaces, and below them what is nobody's of ours. */
export function NamespacesPage({ initial }: { initial: HostNamespaces }) {
  const { answer, error, again } = useAnswer('kernel.namespaces', {}, useRunning());
  const known = answer ?? initial;
  const [query, setQuery] = useState('');
  const matrix = useMemo(() => namespaceMatrix(known), [known]);
  const offline = useConnectionState().kind === 'offline';
  const { processes, passedOver, namespaces } = known;
  return (
    <div className={`flex flex-col gap-4 px-4 py-3 pb-8 ${offline ? 'opacity-60' : ''}`}>
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-2 text-20 font-semibold tracking-tight">Kernel</h1>
        <KernelPlaces here="/namespaces" />
        <FilterField label="Filter containers" placeholder="Part of a name" query={query} change={setQuery} />
        <span className="tabular text-13 text-ink-3">
          {plural(namespaces.length, 'namespace')} of {processes.toLocaleString('en')} processes
        </span>
        <Button tone="quiet" aria-label="Read again" title="Read again" onClick={again}>
          <RefreshCw aria-hidden size={14} />
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      <Matrix matrix={matrix} query={query} />
      <OtherNamespaces namespaces={matrix.others} />
      {passedOver > 0 && (
        <p className="text-12 text-ink-3">
          {passedOver === 1 ? '1 process ended meanwhile, or' : `${passedOver} processes ended meanwhile, or`} could not be looked
          at: the kernel lets nobody see into a process that may more than who asks.
        </p>
      )}
    </div>
  );
}
