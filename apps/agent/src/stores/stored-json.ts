import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { lstatIfThere } from './lstat.ts';
import { setAside } from './set-aside.ts';

/** No state file comes near it; a larger one is not ours. */
const MOST_BYTES = 64 * 1024 * 1024;

/** `hasSum`: a file from before there were sums has none. `damaged`: the file was set aside; `kept` is its name now. */
export type Stored<T> = { found: 'whole'; value: T; hasSum: boolean } | { found: 'missing' } | { found: 'damaged'; kept: string };

/**
 * Reads a state file of JSON. What is in its place and cannot be read, or is refused by `schema`, is set aside, so that nothing overwrites it:
 * a file of a newer Plimsoll can be put back.
 */
export function readStored<T>(path: string, schema: z.ZodType<T>): Stored<T> {
  if (lstatIfThere(path) === undefined) return { found: 'missing' };
  const json = readJson(path);
  const parsed = schema.safeParse(unsealed(json));
  if (!parsed.success) return { found: 'damaged', kept: setAside(path) };
  return { found: 'whole', value: parsed.data, hasSum: Sealed.safeParse(json).success };
}

/** The text of a state file, with a sum over the rest of it: a flipped bit can leave JSON that is valid. */
export function storedText(value: object): string {
  return JSON.stringify({ ...value, sum: sumOf(value) });
}

const Sealed = z.looseObject({ sum: z.string() });

/** Without its sum; undefined where that does not match. Files from before there were sums have none. */
function unsealed(value: unknown): unknown {
  const sealed = Sealed.safeParse(value);
  if (!sealed.success) return value;
  const { sum, ...rest } = sealed.data;
  return sum === sumOf(rest) ? rest : undefined;
}

function sumOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** Undefined for what is no file, cannot be read, or is no JSON. */
function readJson(path: string): unknown {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile() || stats.size > MOST_BYTES) return undefined;
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
