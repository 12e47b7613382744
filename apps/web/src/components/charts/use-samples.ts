'use client';

import { useEffect, useMemo } from 'react';
import { CgroupSamples, type ChartTarget } from '../../live/cgroup-samples.ts';
import { useHello, useLive } from '../live-provider.tsx';

/** Watches one cgroup while the page shows it. `apart`: a table is watched on the same page. */
export function useSamples(target: ChartTarget, apart: boolean): CgroupSamples | null {
  const connection = useLive()?.connection;
  const intervalMs = useHello()?.intervalMs;
  const key = JSON.stringify(target);
  const samples = useMemo(
    () => (intervalMs === undefined ? null : new CgroupSamples(JSON.parse(key) as ChartTarget, intervalMs)),
    [key, intervalMs],
  );
  useEffect(
    () => (connection === undefined ? undefined : samples?.watch(apart ? null : connection)),
    [samples, connection, apart],
  );
  return samples;
}
