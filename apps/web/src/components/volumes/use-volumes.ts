'use client';

import type { PlimsollError, VolumeView } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

interface Asked {
  volumes: readonly VolumeView[];
  error: PlimsollError | null;
  again: () => void;
}

/** The volumes of the host, asked for anew whenever a container is made or removed: a start may make one, and who uses it changes. */
export function useVolumes(initial: readonly VolumeView[]): Asked {
  const live = useLive();
  useChanges(live?.containers.notifier);
  const users = (live?.containers.all() ?? []).map(({ id }) => id).join(' ');
  const [volumes, setVolumes] = useState(initial);
  const [error, setError] = useState<PlimsollError | null>(null);
  const [asked, setAsked] = useState(0);
  const connection = live?.connection;
  useEffect(
    () => {
      let stale = false;
      const off = connection?.onConnect(() => {
        connection.command('volume.list', {}).then(
          (answer) => {
            if (stale) return;
            setVolumes(answer);
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
    [connection, users, asked],
  );
  return { volumes, error, again: () => setAsked((before) => before + 1) };
}
