'use client';

import type { HostCgroup, HostCgroupDetail, PlimsollError } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

interface Detail {
  detail: HostCgroupDetail | null;
  error: PlimsollError | null;
  again: () => void;
}

/** What is in a cgroup, asked for anew whenever its state or its number of processes changes. */
export function useCgroupDetail({ path, populated, frozen }: HostCgroup): Detail {
  const live = useLive();
  useChanges(live?.kernel.figuresNotifier);
  const pids = live?.kernel.figures(path).pids;
  const [detail, setDetail] = useState<HostCgroupDetail | null>(null);
  const [error, setError] = useState<PlimsollError | null>(null);
  const [asked, setAsked] = useState(0);
  const connection = live?.connection;
  useEffect(
    () => {
      let stale = false;
      const off = connection?.onConnect(() => {
        connection.command('kernel.cgroup', { path }).then(
          (answer) => {
            if (stale) return;
            setDetail(answer);
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
    [connection, path, populated, frozen, pids, asked],
  );
  return { detail, error, again: () => setAsked((before) => before + 1) };
}
