import { constants, closeSync, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** Longer account files are none that a container's login needs. */
export const MOST_BYTES = 1024 * 1024;
/** As the kernel has it (path_resolution(7), limits.h). */
const MOST_LINKS = 40;
const PATH_MAX = 4096;
/** Looked at for one path: a session names paths of its own, and an image has links of its own. */
const MOST_PARTS = 256;

/** A path in an image with every symbolic link followed: where it leads, on the host, and what is there. */
export interface FoundInImage {
  path: string;
  stat: Stats;
}

/**
 * Where a path leads in an image: links start from the image's root, as they would in the container, and never lead out of it.
 * Null: there is no such file, or the path has more parts than any that is used. Nothing but Plimsoll changes an image, so the
 * file that is found here is the one that is opened later.
 */
export function findInImage(root: string, path: string): FoundInImage | null {
  if (path.length >= PATH_MAX) return null;
  // The next part is the last one.
  const rest = path.split('/').toReversed();
  const at: string[] = [];
  let links = 0;
  for (let looked = 0; rest.length > 0;) {
    const part = rest.pop() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at.pop();
      continue;
    }
    if (++looked > MOST_PARTS) return null;
    const next = join(root, ...at, part);
    const stat = statOf(next);
    if (stat === null) return null;
    if (!stat.isSymbolicLink()) {
      if (rest.length > 0 && !stat.isDirectory()) return null;
      at.push(part);
      continue;
    }
    if (++links > MOST_LINKS) return null;
    const target = readlinkSync(next);
    if (target.startsWith('/')) at.length = 0;
    rest.push(...target.split('/').toReversed());
  }
  const found = join(root, ...at);
  const stat = statOf(found);
  return stat === null ? null : { path: found, stat };
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // A link's text can be longer than any name.
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return null;
    throw error;
  }
}

/** The text of a regular file of an image, of at most 1 MiB. Null: there is none. */
export function readInImage(root: string, path: string): string | null {
  const found = findInImage(root, path);
  // To open a device can change it, and to open a socket fails.
  if (found === null || !found.stat.isFile()) return null;
  const fd = openSync(found.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return null;
    const bytes = Buffer.alloc(stat.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
