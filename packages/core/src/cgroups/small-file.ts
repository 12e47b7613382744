import { closeSync, constants, openSync, readSync } from 'node:fs';

const buffer = Buffer.alloc(4096);

/** The first `bytes` of a file of the kernel's, at most 4096; null where it is gone, or refuses to be read. */
export function readStart(path: string, bytes = buffer.length): string | null {
  let fd = -1;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, bytes, 0));
  } catch {
    return null;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
