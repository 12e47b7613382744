import { mkdtemp, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deletions } from '../deletion/deletions.ts';
import { syncDirectory, syncFileSystem } from '../durable-file.ts';
import { importDirectory } from '../images/directory-import.ts';
import { hasCode } from '../has-code.ts';
import { diskError } from '../disk-failure.ts';
import { RootfsWriter } from '../images/rootfs-writer.ts';
import type { ImageDirectory } from './image-directory.ts';

/** What an unfinished seed's directory begins with. */
export const SEED = 'seed-';

/**
 * Gives an empty volume the mode, the owner and the files of the image's directory that it will cover, as docker does: a
 * database's image has its data directory owned by the database's user. Owners are ids on disk on both sides, which an idmapped
 * mount shows unchanged. Of a directory that several layers share the mode and the owner alone are taken. Afterwards it has
 * all of that on disk or, after a kill, none; a volume with files in it stays as it is.
 */
export async function seedVolume(volume: string, { path, merged }: ImageDirectory, deletions: Deletions): Promise<void> {
  const seed = await mkdtemp(join(volume, SEED));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => void deletions.delete(seed));
  try {
    const writer = new RootfsWriter(seed);
    if (merged) {
      const { mode, uid, gid, mtimeMs } = await stat(path);
      writer.directory('.', { mode, uid, gid, mtimeMs });
    } else {
      await importDirectory(path, writer);
    }
    writer.settle();
    await syncFileSystem(volume);
    // rename(2) replaces a directory only where that is empty.
    await rename(seed, join(volume, 'data'));
    cleanUp.move();
    await syncDirectory(volume);
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return;
    throw diskError(error, volume) ?? error;
  }
}
