'use client';

import { useChanges, useLive } from '../live-provider.tsx';
import { useAnswer } from '../use-answer.ts';

/** The volumes of the host, asked for anew whenever a container is made or removed: one may be made so, and who uses it changes. */
export function useVolumes(): ReturnType<typeof useAnswer<'volume.list'>> {
  const containers = useLive()?.containers;
  useChanges(containers?.notifier);
  return useAnswer('volume.list', {}, (containers?.all() ?? []).map(({ id }) => id).join(' '));
}
