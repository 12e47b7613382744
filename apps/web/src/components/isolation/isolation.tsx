'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { RefreshCw } from 'lucide-react';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { Beside } from './beside.tsx';
import { Capabilities } from './capabilities.tsx';
import { IsolationFacts } from './isolation-facts.tsx';
import { Mounts } from './mounts.tsx';
import { NamespaceTiles } from './namespace-tiles.tsx';
import { ProcessLimits } from './process-limits.tsx';
import { useIsolation } from './use-isolation.ts';

/** What the kernel says of a container's first process: what is its own, what it may, and what it sees. */
export function Isolation({ view }: { view: ContainerView }) {
  const { isolation, error, again } = useIsolation(view);
  if (!('pid' in view.state)) {
    return (
      <p className="p-4 text-13 text-ink-2">
        It is not running. What isolates a container is read of its first process: start it to see.
      </p>
    );
  }
  if (error !== null) {
    return (
      <div className="p-4">
        <ErrorNote error={error} />
      </div>
    );
  }
  if (isolation === null) return <p className="p-4 text-13 text-ink-3">Loading …</p>;
  return (
    <div className="@container flex flex-col gap-6 p-4">
      <div className="flex items-start gap-3">
        <p className="min-w-0 flex-1 text-13 text-ink-2">
          As the kernel has it of its first process, <span className="tabular">{isolation.pid}</span> on the host.
        </p>
        <Button tone="quiet" aria-label="Read again" title="Read again" onClick={again} className="-my-1.5">
          <RefreshCw aria-hidden size={14} />
        </Button>
      </div>
      {view.fallback !== null && (
        <p className="rounded-md border border-l-4 border-line border-l-warning px-3 py-2 wrap-anywhere first-letter:uppercase">
          {view.fallback}.
        </p>
      )}
      <NamespaceTiles namespaces={isolation.namespaces} />
      <Beside sees={isolation.sees} />
      <div className="grid items-start gap-6 @4xl:grid-cols-2">
        <Capabilities sets={isolation.capabilities} />
        <IsolationFacts isolation={isolation} profile={view.isolation.seccomp} />
      </div>
      <Mounts mounts={isolation.mounts} />
      <ProcessLimits limits={isolation.limits} />
    </div>
  );
}
