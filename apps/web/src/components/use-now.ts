'use client';

import { useSyncExternalStore } from 'react';

let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function toTheSecond(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}

function tick(): void {
  now = toTheSecond();
  for (const listener of listeners) listener();
}

/** One clock for the whole page, so that all durations step together. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    // After hydration the first look at the clock comes behind this, and before the first tick.
    tick();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time to the second, in milliseconds since the epoch. Null in the server's rendering, whose clock is not the browser's. */
export function useNow(): number | null {
  return useSyncExternalStore<number | null>(
    subscribe,
    () => {
      if (timer === undefined) now = toTheSecond();
      return now;
    },
    () => null,
  );
}
