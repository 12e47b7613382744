'use client';

import type { ContainerState } from '@plimsoll/protocol';
import { duration, NO_READING } from '@plimsoll/protocol/quantities';
import { useNow } from '../use-now.ts';
import { FROM_2XL } from './columns.ts';

export function UptimeCell({ state }: { state: ContainerState }) {
  const now = useNow();
  return (
    <span role="cell" className={`tabular truncate text-right text-13 text-ink-2 ${FROM_2XL}`}>
      {uptime(state, now)}
    </span>
  );
}

function uptime(state: ContainerState, now: number | null): string {
  switch (state.status) {
    case 'running':
    case 'frozen':
    case 'stopping':
      return now === null ? NO_READING.figure : duration(now - Date.parse(state.startedAt));
    case 'exited':
      return `ran ${duration(Date.parse(state.exitedAt) - Date.parse(state.startedAt))}`;
    case 'created':
    case 'starting':
    case 'failed':
      return NO_READING.figure;
  }
}
