import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deletions } from '../deletion/deletions.ts';
import { syncDirectory, writeDurably } from '../durable-file.ts';
import { storedText } from '../stores/stored-json.ts';
import type { VolumeFile } from './volume-record.ts';

/** What the directory of a volume that is not whole yet begins with. */
export const UNFINISHED = '.new-';

/** Makes a volume under a name of no volume, and gives it its own when it is whole on disk. */
export async function createVolume(
  { volumes, deletions }: { volumes: string; deletions: Deletions },
  name: string,
  labels: Record<string, string>,
): Promise<VolumeFile> {
  const staging = await mkdtemp(join(volumes, UNFINISHED));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => void deletions.delete(staging));
  await mkdir(join(staging, 'data'), { mode: 0o755 });
  const file: VolumeFile = { version: 1, createdAt: new Date().toISOString(), labels, fresh: true };
  await writeDurably(join(staging, 'volume.json'), storedText(file));
  await rename(staging, join(volumes, name));
  undo.move();
  await syncDirectory(volumes);
  return file;
}
