import { isDeepStrictEqual } from 'node:util';

/** The same in JSON, whatever the order of its fields, and with nothing for what is not said. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a ?? null)), JSON.parse(JSON.stringify(b ?? null)));
}
