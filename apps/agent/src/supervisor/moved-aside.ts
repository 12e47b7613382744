import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { REMOVED } from '../deletion/deletions.ts';
import { lstatIfThere } from '../stores/lstat.ts';

/** Renames a container's directory to `.removed-ID`, by which a removal that was begun is known; returns that path. Something may be left there of before. */
export function moveAside(path: string): string {
  const usual = join(dirname(path), `${REMOVED}${basename(path)}`);
  const doomed = lstatIfThere(usual) === undefined ? usual : `${usual}-${randomUUID()}`;
  renameSync(path, doomed);
  return doomed;
}

/** Id of the container's root on the host; null: there is no layer any more. */
export function ownerOfLayer(path: string): number | null {
  return lstatIfThere(join(path, 'upper'))?.uid ?? null;
}
