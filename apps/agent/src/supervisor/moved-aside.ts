import { randomUUID } from 'node:crypto';
import { opendirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { IDS_IN_A_RANGE } from '@plimsoll/core';
import { REMOVED } from '../deletion/deletions.ts';
import { lstatIfThere } from '../stores/lstat.ts';

/**
 * Renames a container's directory to `.removed-ID`, by which a removal that was begun is known; returns that path. Something may be
 * left there of before.
 */
export function moveAside(path: string): string {
  const usual = join(dirname(path), `${REMOVED}${basename(path)}`);
  const doomed = lstatIfThere(usual) === undefined ? usual : `${usual}-${randomUUID()}`;
  renameSync(path, doomed);
  return doomed;
}

/** Entries of Plimsoll's own in a container's directory are far fewer. */
const MOST_LOOKED_AT = 1000;

/**
 * The first id of the range that a container's files belong to; null: there are none any more, or they are the host's own. A deletion
 * that was cut short may have removed its layer and left directories of it (deleteTree).
 */
export function rangeOfFiles(path: string): number | null {
  if (lstatIfThere(path)?.isDirectory() !== true) return null;
  using directory = opendirSync(path);
  for (let i = 0; i < MOST_LOOKED_AT; i++) {
    const entry = directory.readSync();
    if (entry === null) return null;
    const owner = lstatIfThere(join(path, entry.name))?.uid ?? 0;
    if (owner >= IDS_IN_A_RANGE) return owner - (owner % IDS_IN_A_RANGE);
  }
  return null;
}
