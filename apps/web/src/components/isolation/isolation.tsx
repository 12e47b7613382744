'use client';

import type { ContainerIsolation, ContainerView, SeccompMode } from '@plimsoll/protocol';
import { RefreshCw } from 'lucide-react';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useAnswer } from '../use-answer.ts';
import { useRunning } from '../use-running.ts';
import { Beside } from './beside.tsx';
import { Capabilities } from './capabilities.tsx';
import { Fallback } from './fallback.tsx';
import { IsolationFacts } from './isolation-facts.tsx';
import { Mounts } from './mounts.tsx';
import { NamespaceTiles } from './namespace-tiles.tsx';
import { ProcessLimits } from './process-limits.tsx';

/** What the kernel says of a container's first process: what is its own, what it may, and what it sees. */
export function Isolation({ view }: { view: ContainerView }) {
  const running = useRunning();
  const lives = 'pid' in view.state;
  // With whom it shares changes with the others.
  const { answer, error, again } = useAnswer('container.isolation', { container: view.id }, lives ? running : null);
  if (!lives) {
    return (
      <p className="p-4 text-13 text-ink-2">
        It is not running. What isolates a container is read of its first process: start it to see.
      </p>
    );
  }
  return (
    <div className="@container flex flex-col gap-6 p-4">
      <div className="flex items-start gap-3">
        <p className="min-w-0 flex-1 text-13 text-ink-2">
          {answer === null ? (
            error === null && 'Loading …'
          ) : (
            <>
              As the kernel has it of its first process, <span className="tabular">{answer.pid}</span> on the host.
            </>
          )}
        </p>
        <Button tone="quiet" aria-label="Read again" title="Read again" onClick={again} className="-my-1.5">
          <RefreshCw aria-hidden size={14} />
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {view.fallback !== null && <Fallback why={view.fallback} />}
      {answer !== null && <Parts isolation={answer} profile={view.isolation.seccomp} />}
    </div>
  );
}

function Parts({ isolation, profile }: { isolation: ContainerIsolation; profile: SeccompMode }) {
  return (
    <>
      <NamespaceTiles namespaces={isolation.namespaces} />
      <Beside sees={isolation.sees} />
      <div className="grid items-start gap-6 @4xl:grid-cols-2">
        <Capabilities sets={isolation.capabilities} />
        <IsolationFacts isolation={isolation} profile={profile} />
      </div>
      <Mounts mounts={isolation.mounts} />
      <ProcessLimits limits={isolation.limits} />
    </>
  );
}
