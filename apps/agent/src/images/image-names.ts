import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ImageName, Instant } from '@plimsoll/protocol';
import { z } from 'zod';
import { whereDiskTakesIt, writeDurably } from '../durable-file.ts';
import { setAside } from '../stores/set-aside.ts';
import { readStored, storedText } from '../stores/stored-json.ts';
import { imageDirectory } from './image-builder.ts';
import { NamesFile } from './image-record.ts';

const NAMES = 'names.json';
const IMAGE = /^sha256-([0-9a-f]{64})$/;
const SHOWN_DIGITS = 12;

/** images/<digest>/names.json: the names of one image, from which names.json can be made again. */
const OwnNames = z.looseObject({
  version: z.literal(1),
  names: z.record(ImageName, z.looseObject({ source: z.string(), createdAt: Instant })),
});

export type NameEntry = NamesFile['names'][string];
export type Names = ReadonlyMap<string, NameEntry>;

/** `lost`: how names.json was found, where it was made again of what is with the images; null: it was whole, or there was no image. */
export interface OpenedNames {
  names: Names;
  lost: 'damaged' | 'missing' | null;
}

/** Reads the names of all images below `directory`. A damaged file is set aside; no image is without a name afterwards where one was lost. */
export async function openNames(directory: string): Promise<OpenedNames> {
  const stored = readStored(join(directory, NAMES), NamesFile);
  const known = new Map(stored.found === 'whole' ? Object.entries(stored.value.names) : []);
  if (stored.found === 'whole' && !isOfOthers(directory, known)) return { names: known, lost: null };
  const hasSum = stored.found === 'whole' && stored.hasSum;
  // Without a sum a flipped bit may have changed a digest.
  if (stored.found === 'whole' && !hasSum) setAside(join(directory, NAMES));
  const names = namesOfImages(directory, hasSum ? known : thoseOfPresent(directory, known));
  await whereDiskTakesIt('the names of images', directory, writeNames(directory, names));
  if (hasSum) return { names, lost: null };
  if (stored.found === 'missing') return { names, lost: names.size === 0 ? null : 'missing' };
  return { names, lost: 'damaged' };
}

/** Whether it names images that are not there, beside images that it does not name: a kill leaves one of these at most. */
function isOfOthers(directory: string, names: Names): boolean {
  const named = new Set([...names.values()].map(({ digest }) => digest.replace(':', '-')));
  const present = new Set(readdirSync(directory).filter((entry) => IMAGE.test(entry)));
  return [...named].some((entry) => !present.has(entry)) && [...present].some((entry) => !named.has(entry));
}

export async function writeNames(directory: string, names: Names): Promise<void> {
  const file: NamesFile = { version: 1, names: Object.fromEntries(names) };
  await writeDurably(join(directory, NAMES), storedText(file));
}

/** Writes an image's own names where its file does not have them. */
export async function writeOwnNames(directory: string, digest: string, names: Names): Promise<void> {
  const own = [...names].filter(([, entry]) => entry.digest === digest);
  const file = {
    version: 1,
    names: Object.fromEntries(own.map(([name, { source, createdAt }]) => [name, { source, createdAt }])),
  };
  const path = join(imageDirectory(directory, digest), NAMES);
  const stored = readStored(path, OwnNames);
  if (stored.found === 'whole' && JSON.stringify(stored.value) === JSON.stringify(file)) return;
  await writeDurably(path, storedText(file));
}

function thoseOfPresent(directory: string, names: Names): Names {
  const present = new Set(readdirSync(directory));
  return new Map([...names].filter(([, { digest }]) => present.has(digest.replace(':', '-'))));
}

/**
 * The names of `known`, and those that are with the images. Of two images with the same name the one that was given it last has it. An image
 * without any name gets `recovered-DIGEST`.
 */
function namesOfImages(directory: string, known: Names): Map<string, NameEntry> {
  const names = new Map(known);
  const images = readdirSync(directory).filter((entry) => IMAGE.test(entry));
  for (const entry of images) {
    const digest = entry.replace('-', ':');
    const stored = readStored(join(directory, entry, NAMES), OwnNames);
    const own = stored.found === 'whole' ? Object.entries(stored.value.names) : [];
    for (const [name, { source, createdAt }] of own) {
      const other = names.get(name);
      if (other === undefined || other.createdAt < createdAt) names.set(name, { digest, source, createdAt });
    }
  }
  const named = new Set([...names.values()].map(({ digest }) => digest));
  for (const entry of images) {
    const digest = entry.replace('-', ':');
    if (named.has(digest)) continue;
    const name = `recovered-${digest.slice('sha256:'.length, 'sha256:'.length + SHOWN_DIGITS)}`;
    const createdAt = lstatSync(join(directory, entry)).mtime.toISOString();
    names.set(name, { digest, source: 'recovered', createdAt });
  }
  return names;
}
