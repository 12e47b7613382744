import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { originOf, setAsideAs } from '../../stores/set-aside.ts';
import { syncPath } from '../../stores/sync-path.ts';
import { removeWorkingCopy } from './damaged-copy.ts';

/** Files that SQLite keeps beside a database in WAL mode. */
const COMPANIONS = ['-wal', '-shm'];
const HELD = '-held';
/** Of what is in the middle of being made. */
const UNFINISHED = '.new';
/** Behind the name of the damaged file: of what is whole and on disk, and not yet in its place. */
const WHOLE = '.replacement';

/**
 * The database that takes a damaged one's place is made under another name. The damaged one is set aside when the other is whole and on disk: a
 * kill at any instant leaves either of them at `path` after the next `finishReplacement`.
 */
export function unfinishedReplacement(path: string): string {
  return path + UNFINISHED;
}

/** Puts the database at `unfinishedReplacement(path)`, which is closed, in the place of the damaged one, which is called `kept` from then on. */
export function putInPlace(path: string, kept: string): void {
  const unfinished = unfinishedReplacement(path);
  if (existsSync(`${unfinished}-wal`)) throw new Error(`${unfinished} has a WAL after it was closed`);
  rmSync(unfinished + HELD, { force: true });
  syncPath(unfinished);
  renameSync(unfinished, kept + WHOLE);
  syncPath(dirname(path));
  setAsideAndPlace(path, kept);
}

/** Does what a kill has interrupted, and removes what it left. Called before the database is opened. */
export function finishReplacement(path: string): void {
  for (const file of filesOf(unfinishedReplacement(path))) rmSync(file, { force: true, recursive: true });
  for (const name of [path, unfinishedReplacement(path)]) removeWorkingCopy(name);
  for (const kept of keptWithReplacement(path)) {
    // The damaged one is still in its place, where it is found again.
    if (existsSync(path)) rmSync(kept + WHOLE, { force: true, recursive: true });
    else setAsideAndPlace(path, kept);
  }
}

function setAsideAndPlace(path: string, kept: string): void {
  // It may be the same file as the WAL that is set aside.
  rmSync(path + HELD, { force: true });
  setAsideAs(kept, path, COMPANIONS);
  renameSync(kept + WHOLE, path);
  syncPath(dirname(path));
}

/** The newest first. */
function keptWithReplacement(path: string): string[] {
  const whole = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(WHOLE));
  const kept = whole.map((name) => join(dirname(path), name.slice(0, -WHOLE.length)));
  const atMs = (name: string): number => originOf(name)?.atMs ?? 0;
  return kept.filter((name) => originOf(name)?.path === path).toSorted((a, b) => atMs(b) - atMs(a));
}

function filesOf(path: string): string[] {
  return ['', ...COMPANIONS, HELD].map((suffix) => path + suffix);
}
