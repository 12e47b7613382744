import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeDurably } from '../durable-file.ts';
import { storedText } from '../stores/stored-json.ts';
import type { VolumeFile } from './volume-record.ts';

/** Makes a volume under a name of no volume, and gives it its own when it is whole on disk. */
export async function createVolume(volumes: string, name: string, labels: Record<string, string>): Promise<VolumeFile> {
  const staging = await mkdtemp(join(volumes, '.new-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(staging, { recursive: true, force: true }));
  await mkdir(join(staging, 'data'), { mode: 0o755 });
  const file: VolumeFile = { version: 1, createdAt: new Date().toISOString(), labels, fresh: true };
  await writeDurably(join(staging, 'volume.json'), storedText(file));
  await rename(staging, join(volumes, name));
  undo.move();
  await syncDirectory(volumes);
  return file;
}
