import { readFile, realpath, stat, statfs } from 'node:fs/promises';
import { parseMount } from '../isolation/mount-info.ts';

/** A file system that some of Plimsoll's directories lie on. */
export interface FileSystem {
  /** Its mount point. */
  path: string;
  type: string;
  /** Names of those directories. */
  holds: string[];
  /** The first of them: what is asked about it. */
  directory: string;
}

/** How full a file system is, as df(1) counts it. */
export interface Fill {
  usedBytes: number;
  /** Used and free for anyone: without what is reserved for root. */
  totalBytes: number;
  /** Of inodes, 0 to 1. Null: it makes them as it needs them (btrfs). */
  inodeShare: number | null;
}

/** Those of the named directories, one for each device; a directory that is not there is left out. */
export async function fileSystemsOf(directories: Readonly<Record<string, string>>): Promise<FileSystem[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n').map(parseMount);
  const found = new Map<number, FileSystem>();
  for (const [name, directory] of Object.entries(directories)) {
    const place = await placeOf(directory);
    if (place === null) continue;
    const known = found.get(place.device);
    if (known !== undefined) {
      known.holds.push(name);
      continue;
    }
    // Of two mounts on one point the later covers the earlier.
    const mount = mounts
      .filter(({ mountPoint }) => isBelow(place.path, mountPoint))
      .reduce((deepest, one) => (one.mountPoint.length >= deepest.mountPoint.length ? one : deepest), ROOT);
    found.set(place.device, { path: mount.mountPoint, type: mount.fsType, holds: [name], directory: place.path });
  }
  return [...found.values()];
}

/** statfs(2). */
export async function fillOf({ directory }: Pick<FileSystem, 'directory'>): Promise<Fill> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(directory);
  const usedBytes = (blocks - bfree) * bsize;
  return { usedBytes, totalBytes: usedBytes + bavail * bsize, inodeShare: files === 0 ? null : (files - ffree) / files };
}

/** 0 to 1: of the space or of the inodes, whichever is nearer to its end. */
export function shareOf({ usedBytes, totalBytes, inodeShare }: Fill): number {
  const space = totalBytes === 0 ? 1 : usedBytes / totalBytes;
  return Math.max(space, inodeShare ?? 0);
}

const ROOT = { mountPoint: '/', fsType: '' };

async function placeOf(directory: string): Promise<{ path: string; device: number } | null> {
  try {
    const path = await realpath(directory);
    return { path, device: (await stat(path)).dev };
  } catch {
    return null;
  }
}

function isBelow(path: string, mountPoint: string): boolean {
  return mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
}
