'use client';

import { useEffect, useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';
import { useAnswer } from '../use-answer.ts';

/** What is written into volumes is told by nobody. */
const AGAIN_MS = 5000;

/**
 * The volumes of the host, asked for anew whenever a container is made or removed: one may be made so, and who uses it
 * changes; and every so often for their sizes.
 */
export function useVolumes(): ReturnType<typeof useAnswer<'volume.list'>> {
  const containers = useLive()?.containers;
  useChanges(containers?.notifier);
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setTimes((before) => before + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const ids = (containers?.all() ?? []).map(({ id }) => id);
  return useAnswer('volume.list', {}, [times, ...ids].join(' '));
}
