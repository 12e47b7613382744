import { lstatSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../durable-file.ts';
import { readStored, storedText } from '../stores/stored-json.ts';
import { makePrivateDirectory } from '../stores/state-directories.ts';
import { SEED } from './seed-volume.ts';
import { dataDirectory, isVolumeName, recordFile, VolumeFile } from './volume-record.ts';

/** Null: it has neither a record nor files. */
export type KnownVolumes = Map<string, VolumeFile | null>;

/** Makes the directory of all volumes where it is missing, takes away what a kill left unfinished, and tells what is there. */
export async function openVolumes(volumes: string): Promise<KnownVolumes> {
  // A container's root may write a file that is root's and setuid, which an idmapped mount leaves as such on disk: a local user
  // who reached it would be root by it.
  makePrivateDirectory(volumes);
  const known: KnownVolumes = new Map();
  for (const entry of await readdir(volumes)) {
    if (isVolumeName(entry)) {
      await removeAll(join(volumes, entry), (name) => name.startsWith(SEED));
      known.set(entry, await readRecord(volumes, entry));
    }
  }
  await removeAll(volumes, (name) => !isVolumeName(name));
  return known;
}

async function removeAll(directory: string, isUnfinished: (name: string) => boolean): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  for (const entry of entries.filter(isUnfinished)) await rm(join(directory, entry), { recursive: true, force: true });
}

/**
 * A volume's record. One that is damaged is set aside, and made again like one that is missing: its files are all there, its labels are not, and
 * no image fills it any more.
 */
async function readRecord(volumes: string, name: string): Promise<VolumeFile | null> {
  const path = recordFile(volumes, name);
  const stored = readStored(path, VolumeFile);
  if (stored.found === 'whole') return stored.value;
  const data = lstatSync(dataDirectory(volumes, name), { throwIfNoEntry: false });
  if (data?.isDirectory() !== true) return null;
  const file: VolumeFile = { version: 1, createdAt: data.birthtime.toISOString(), labels: {}, fresh: false };
  await writeDurably(path, storedText(file));
  return file;
}
