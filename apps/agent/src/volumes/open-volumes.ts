import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { logFault } from '@plimsoll/core/guarded';
import { type Deletions, REMOVED } from '../deletion/deletions.ts';
import { writeDurably } from '../durable-file.ts';
import { makePrivateDirectory } from '../stores/private-directory.ts';
import { readStored, storedText } from '../stores/stored-json.ts';
import { UNFINISHED } from './create-volume.ts';
import { SEED } from './seed-volume.ts';
import { dataDirectory, isVolumeName, recordFile, VolumeFile } from './volume-record.ts';

/** Null: it has neither a record nor files, or cannot be read. */
export type KnownVolumes = Map<string, VolumeFile | null>;

/** Makes the directory of all volumes where it is missing, and lists what is there. What a kill left unfinished is deleted in the background. */
export async function openVolumes(volumes: string, deletions: Deletions): Promise<KnownVolumes> {
  // A container's root may write a file that is root's and setuid, which an idmapped mount leaves as such on disk: a local user
  // who reached it would be root by it.
  makePrivateDirectory(volumes);
  const known: KnownVolumes = new Map();
  for (const entry of await readdir(volumes)) {
    if (entry.startsWith(UNFINISHED) || entry.startsWith(REMOVED)) void deletions.delete(join(volumes, entry));
    if (!isVolumeName(entry)) continue;
    await deleteSeeds(join(volumes, entry), deletions);
    const record = readRecord(volumes, entry).catch((error: unknown) => {
      logFault(`volume "${entry}" cannot be read`, error);
      return null;
    });
    known.set(entry, await record);
  }
  return known;
}

async function deleteSeeds(volume: string, deletions: Deletions): Promise<void> {
  const entries = await readdir(volume).catch(() => []);
  for (const entry of entries.filter((name) => name.startsWith(SEED))) void deletions.delete(join(volume, entry));
}

/**
 * A volume's record. One that is damaged is set aside, and made again like one that is missing: its files are all there, its labels are not, and
 * no image fills it any more.
 */
async function readRecord(volumes: string, name: string): Promise<VolumeFile | null> {
  const path = recordFile(volumes, name);
  const stored = readStored(path, VolumeFile);
  if (stored.found === 'whole') return stored.value;
  const data = await lstat(dataDirectory(volumes, name)).catch(() => null);
  if (data?.isDirectory() !== true) return null;
  const file: VolumeFile = { version: 1, createdAt: data.birthtime.toISOString(), labels: {}, fresh: false };
  await writeDurably(path, storedText(file));
  return file;
}
