'use client';

import type { HostNamespaces, PlimsollError } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

interface Asked {
  answer: HostNamespaces;
  error: PlimsollError | null;
  again: () => void;
}

/** The namespaces of the host, asked for anew whenever a container starts or ends. */
export function useNamespaces(initial: HostNamespaces): Asked {
  const live = useLive();
  useChanges(live?.containers.notifier);
  const running = (live?.containers.all() ?? []).flatMap(({ state }) => ('pid' in state ? [state.pid] : [])).join(' ');
  const [answer, setAnswer] = useState(initial);
  const [error, setError] = useState<PlimsollError | null>(null);
  const [asked, setAsked] = useState(0);
  const connection = live?.connection;
  useEffect(
    () => {
      let stale = false;
      const off = connection?.onConnect(() => {
        connection.command('kernel.namespaces', {}).then(
          (namespaces) => {
            if (stale) return;
            setAnswer(namespaces);
            setError(null);
          },
          (cause: unknown) => !stale && setError(knownError(cause)),
        );
      });
      return () => {
        stale = true;
        off?.();
      };
    },
    // The others are occasions to ask again.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
    [connection, running, asked],
  );
  return { answer, error, again: () => setAsked((before) => before + 1) };
}
