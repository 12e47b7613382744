import { setTimeout as delay } from 'node:timers/promises';
import { SLOWNESS } from './slowness.ts';

const LOOK_AGAIN_MS = 5;
const DEADLINE_MS = 20_000 * SLOWNESS;

/** Resolves with what `look` finds, once that is neither false nor null. For what the kernel has no event for. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<T> {
  for (const end = performance.now() + DEADLINE_MS; performance.now() < end; await delay(LOOK_AGAIN_MS)) {
    const found = await look();
    if (found !== false && found !== null) return found;
  }
  throw new Error(`waited ${DEADLINE_MS} ms in vain until ${what}`);
}
