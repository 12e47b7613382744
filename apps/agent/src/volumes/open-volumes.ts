import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SEED } from './seed-volume.ts';
import { isVolumeName, recordFile, VolumeFile } from './volume-record.ts';

/** Null: its record is missing or damaged. Its files are somebody's, and stay. */
export type KnownVolumes = Map<string, VolumeFile | null>;

/** Makes the directory of all volumes where it is missing, takes away what a kill left unfinished, and tells what is there. */
export async function openVolumes(volumes: string): Promise<KnownVolumes> {
  await mkdir(volumes, { recursive: true });
  // A container's root may write a file that is root's and setuid, which an idmapped mount leaves as such on disk: whoever is
  // nobody special on the host must not reach it, or he would be root by it.
  await chmod(volumes, 0o700);
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

async function readRecord(volumes: string, name: string): Promise<VolumeFile | null> {
  const text = await readFile(recordFile(volumes, name), 'utf8').catch(() => '');
  return VolumeFile.safeParse(parseJson(text)).data ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
