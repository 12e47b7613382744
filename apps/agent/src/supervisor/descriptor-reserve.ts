import { closeSync, openSync } from 'node:fs';
import { openFilesLimit } from '../open-files-limit.ts';
import { resourceFailure } from '../resource-failure.ts';

/** Descriptors that no start may begin to use: for kills, removals and connections, by which others come free. */
const RESERVE = 128;

/** Throws `too-many` where a start would use the last descriptors of this process. The kernel gives out the lowest that is free. */
export function requireDescriptors(): void {
  const most = openFilesLimit() - RESERVE;
  const lowest = lowestFree();
  if (lowest < most) return;
  const message = `this process may open ${most + RESERVE} files, and a start takes none of the last ${RESERVE}`;
  const error = Object.assign(new Error(message), { code: 'EMFILE' });
  throw resourceFailure(error) ?? error;
}

function lowestFree(): number {
  try {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EMFILE') return Number.POSITIVE_INFINITY;
    throw error;
  }
}
