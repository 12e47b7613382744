import { renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lstatIfThere } from './lstat.ts';
import { syncPath } from './sync-path.ts';

const MARK = '.damaged-';

/**
 * Renames a damaged file, or whatever is in its place, to `PATH.damaged-MS`, durably, and returns that name. `companions` are suffixes
 * of files that belong to it (`-wal`); each goes with it where it exists. Throws where the directory cannot be changed.
 */
export function setAside(path: string, companions: readonly string[] = []): string {
  const kept = freeName(path);
  setAsideAs(kept, path, companions);
  return kept;
}

/**
 * Sets aside what is in the place of a file and is none, before it is opened: a FIFO would hold up the process, a directory fails. Returns its new
 * name; null: there is a file, a link to one, or nothing.
 */
export function setAsideUnlessFile(path: string): string | null {
  if (!exists(path) || isFile(path)) return null;
  return setAside(path);
}

/** Or a link that leads to one. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The same under a name from `freeName`. It can be repeated after a kill. */
export function setAsideAs(kept: string, path: string, companions: readonly string[]): void {
  if (exists(path)) renameSync(path, kept);
  // What was with it is found by this name.
  else if (!exists(kept)) writeFileSync(kept, '', { mode: 0o600 });
  for (const suffix of companions) if (exists(path + suffix)) renameSync(path + suffix, kept + suffix);
  syncPath(dirname(path));
}

/** The path that a kept file had, and when it was renamed (ms since 1970); null: the name is not of a kept file. */
export function originOf(kept: string): { path: string; atMs: number } | null {
  const [, path, ms] = kept.match(/^(.+)\.damaged-(\d{1,15})$/) ?? [];
  return path === undefined ? null : { path, atMs: Number(ms) };
}

/** `PATH.damaged-MS`, of which there is none yet. */
export function freeName(path: string): string {
  for (let ms = Date.now(); ; ms++) {
    const name = `${path}${MARK}${ms}`;
    if (!exists(name)) return name;
  }
}

/** Itself, and not what a symbolic link leads to. */
function exists(path: string): boolean {
  return lstatIfThere(path) !== undefined;
}
