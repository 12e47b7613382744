import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { SLOWNESS } from './slowness.ts';

const LOOK_AGAIN_MS = 5;
/** Looks in a row, no less than LOOK_AGAIN_MS apart. */
const STILL_LOOKS = 20;
const DEADLINE_MS = 60_000 * SLOWNESS;

/** Resolves with what `look` finds, once that is neither false nor null. For what the kernel has no event for. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, false | null>> {
  for (const end = performance.now() + DEADLINE_MS; performance.now() < end; await delay(LOOK_AGAIN_MS)) {
    const found = await look();
    if (found !== false && found !== null) return found as Exclude<T, false | null>;
  }
  throw new Error(`waited ${DEADLINE_MS} ms in vain until ${what}`);
}

/** Resolves with what `look` finds, once that is the same again and again. For what ends without a sign. */
export async function untilStill<T>(what: string, look: () => T): Promise<T> {
  let found = look();
  let looks = 1;
  await until(`${what} stands still`, () => {
    const now = look();
    looks = isDeepStrictEqual(found, now) ? looks + 1 : 1;
    found = now;
    return looks === STILL_LOOKS;
  });
  return found;
}
