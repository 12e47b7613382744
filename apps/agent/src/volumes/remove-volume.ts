import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../durable-file.ts';

/** Takes a volume's name from it; its files are deleted by what this resolves with, or by the next open after a kill. */
export async function removeVolume(volumes: string, name: string): Promise<() => Promise<void>> {
  const doomed = await mkdtemp(join(volumes, '.removed-'));
  await rename(join(volumes, name), doomed);
  await syncDirectory(volumes);
  return () => rm(doomed, { recursive: true, force: true });
}
