'use client';

import { errorInWords, type ErrorBody } from '@plimsoll/protocol';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const TRY_AGAIN_MS = 2500;

/** In place of a page that the server could not render: says why, and tries again until it can. */
export function AgentAway({ error }: { error: ErrorBody }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), TRY_AGAIN_MS);
    return () => clearInterval(timer);
  }, [router]);
  return (
    <div role="alert" className="m-auto max-w-md p-8 text-center">
      <h1 className="text-16 font-semibold first-letter:uppercase">{errorInWords(error)}</h1>
      <p className="mt-2 text-ink-2">{error.hint}</p>
      <p className="mt-2 text-13 text-ink-3">Containers run on without it. This page tries again by itself.</p>
    </div>
  );
}
