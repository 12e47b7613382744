'use client';

import { duration } from '@plimsoll/protocol/quantities';
import Link from 'next/link';
import { useConnectionState } from './live-provider.tsx';
import { useNow } from './use-now.ts';

/** A thin strip while the data on the page is not live, with its age. */
export function ConnectionBanner() {
  const state = useConnectionState();
  return (
    <div aria-live="polite" className="flex-none">
      {state.kind === 'offline' && <Offline since={state.since} />}
      {state.kind === 'signed-out' && (
        <p className="bg-failed-tint px-4 py-1.5 text-13 text-failed">
          Your session has ended.{' '}
          <Link href="/sign-in?problem=expired" className="font-medium underline">
            Sign in again
          </Link>
        </p>
      )}
    </div>
  );
}

function Offline({ since }: { since: number }) {
  const now = useNow();
  return (
    <p className="border-b border-line bg-hover px-4 py-1.5 text-13 text-ink-2">
      <span className="font-medium text-ink">The agent cannot be reached.</span> Containers run on. What you see is{' '}
      <span className="tabular">{duration((now ?? since) - since)}</span> old; this page reconnects by itself.
    </p>
  );
}

const WORDS = { connecting: 'Connecting', online: 'Live', offline: 'Offline', 'signed-out': 'Signed out' } as const;
const TONES = { connecting: 'bg-idle', online: 'bg-running', offline: 'bg-amber', 'signed-out': 'bg-failed' } as const;

export function ConnectionDot() {
  const { kind } = useConnectionState();
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-12 text-ink-2">
      <span aria-hidden className={`size-2 rounded-full ${TONES[kind]}`} />
      {WORDS[kind]}
    </span>
  );
}
