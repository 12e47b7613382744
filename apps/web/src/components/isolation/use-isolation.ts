'use client';

import type { ContainerIsolation, ContainerView, PlimsollError } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

interface Asked {
  isolation: ContainerIsolation | null;
  error: PlimsollError | null;
  again: () => void;
}

/** What isolates a container, asked for anew at each start and each connect. */
export function useIsolation({ id, state }: ContainerView): Asked {
  const connection = useLive()?.connection;
  const pid = 'pid' in state ? state.pid : null;
  const [isolation, setIsolation] = useState<ContainerIsolation | null>(null);
  const [error, setError] = useState<PlimsollError | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(
    () => {
      if (pid === null) return undefined;
      let stale = false;
      const off = connection?.onConnect(() => {
        connection.command('container.isolation', { container: id }).then(
          (answer) => {
            if (stale) return;
            setIsolation(answer);
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
    // The last is an occasion to ask again.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
    [connection, id, pid, asked],
  );
  return { isolation, error, again: () => setAsked((before) => before + 1) };
}
