'use client';

import { useChanges, useLive } from './live-provider.tsx';

/** The first processes of all containers as a text that changes whenever one starts or ends. */
export function useRunning(): string {
  const containers = useLive()?.containers;
  useChanges(containers?.notifier);
  return (containers?.all() ?? []).flatMap(({ state }) => ('pid' in state ? [state.pid] : [])).join(' ');
}
