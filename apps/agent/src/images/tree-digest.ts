import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const SMALL_BYTES = 1024 * 1024;

export interface TreeDescription {
  /** `sha256:` and 64 hex digits, over each entry's path, type, mode, owner and content. Times and shared inodes don't count. */
  digest: string;
  /** Content of all files, those with several names once. */
  sizeBytes: number;
  /** Files and symlinks. */
  files: number;
}

/** Describes a rootfs that nobody changes meanwhile. */
export async function describeTree(root: string): Promise<TreeDescription> {
  const tree = { hash: createHash('sha256'), sizeBytes: 0, files: 0, inodes: new Set<number>() };
  await describeEntry(root, '', tree);
  return { digest: `sha256:${tree.hash.digest('hex')}`, sizeBytes: tree.sizeBytes, files: tree.files };
}

interface Tree {
  hash: Hash;
  sizeBytes: number;
  files: number;
  inodes: Set<number>;
}

async function describeEntry(root: string, name: string, tree: Tree): Promise<void> {
  const path = join(root, name);
  const stats = await lstat(path);
  const describe = (kind: string, content: string) =>
    tree.hash.update(`${JSON.stringify([name, kind, stats.mode & 0o7777, stats.uid, stats.gid, content])}\n`);
  if (stats.isDirectory()) {
    describe('directory', '');
    for (const child of (await readdir(path)).toSorted()) await describeEntry(root, join(name, child), tree);
    return;
  }
  tree.files += 1;
  if (stats.isSymbolicLink()) {
    describe('symlink', await readlink(path));
    return;
  }
  describe('file', await hashFile(path, stats.size));
  if (!tree.inodes.has(stats.ino)) tree.sizeBytes += stats.size;
  tree.inodes.add(stats.ino);
}

async function hashFile(path: string, sizeBytes: number): Promise<string> {
  const content = createHash('sha256');
  // Most files are small, and a stream costs more than what it reads of them.
  if (sizeBytes <= SMALL_BYTES) content.update(await readFile(path));
  else await pipeline(createReadStream(path), content);
  return content.digest('hex');
}
