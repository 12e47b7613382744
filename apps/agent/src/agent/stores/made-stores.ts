import { join } from 'node:path';
import { z } from 'zod';
import { whereDiskTakesIt, writeDurably } from '../../durable-file.ts';
import { readStored, storedText } from '../../stores/stored-json.ts';

/** <lib>/stores.json: which stores were made here once. One of these that is missing was lost; any other was never there. */
const MadeFile = z.looseObject({
  version: z.looseObject({ major: z.int(), minor: z.int() }),
  made: z.array(z.string()),
});

/** Stores, by their file below `lib`, and whether each is new. */
export type Present = ReadonlyMap<string, { isNew: boolean }>;

/**
 * Returns those of `present` that are new though they were made before, and notes that all of `present` are made. `agentWasHere`: what is the
 * case for all of them where the list itself is lost.
 */
export async function findLost(lib: string, present: Present, agentWasHere: boolean): Promise<string[]> {
  const path = join(lib, 'stores.json');
  const stored = readStored(path, MadeFile);
  const made = stored.found === 'whole' ? stored.value.made : agentWasHere ? [...present.keys()] : [];
  const all = [...new Set([...made, ...present.keys()])];
  if (stored.found !== 'whole' || all.length > made.length) {
    const rest = stored.found === 'whole' ? stored.value : {};
    const text = storedText({ ...rest, version: { major: 1, minor: 0 }, made: all });
    await whereDiskTakesIt('the list of stores', lib, writeDurably(path, text));
  }
  return [...present].filter(([file, { isNew }]) => isNew && made.includes(file)).map(([file]) => file);
}
