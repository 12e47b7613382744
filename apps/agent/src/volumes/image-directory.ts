import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** A directory of an image. `merged`: layers below have it as well, and what a container sees there is all of them together. */
export interface ImageDirectory {
  path: string;
  merged: boolean;
}

/**
 * The directory that an image has at `destination`, or null. No symbolic link is followed: each part of the path is looked at
 * by itself, in a store that nobody else can change. A layer that has something else there, a whiteout among them, hides those
 * below. The layers are topmost first, and hold no extended attributes, by which overlay could say more.
 */
export async function imageDirectoryAt(layers: readonly string[], destination: string): Promise<ImageDirectory | null> {
  const parts = destination.split('/').filter(Boolean);
  const found: string[] = [];
  for (const layer of layers) {
    const kind = await kindOf(layer, parts);
    if (kind === 'other') break;
    if (kind === 'directory') found.push(join(layer, ...parts));
  }
  const [path] = found;
  return path === undefined ? null : { path, merged: found.length > 1 };
}

async function kindOf(layer: string, parts: readonly string[]): Promise<'directory' | 'absent' | 'other'> {
  for (const i of parts.keys()) {
    const stats = await lstat(join(layer, ...parts.slice(0, i + 1))).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (stats === null) return 'absent';
    if (!stats.isDirectory()) return 'other';
  }
  return 'directory';
}
