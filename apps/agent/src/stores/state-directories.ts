import { mkdirSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import type { StateRoot } from '../state-root.ts';
import { lstatIfThere } from './lstat.ts';

/** By the group, or by what an access control list grants at most, and by others. */
const WRITABLE = 0o022;
const STICKY = 0o1000;
/** Links that one path may lead through, as in path_resolution(7). */
const MAX_LINKS = 40;

/**
 * Makes `run` and `lib` where they are missing. Throws `forbidden` where a user other than root could have put something else into
 * their place, or could do so later: what lies in them decides who is root in Plimsoll.
 */
export function makeStateDirectories({ home, run, lib }: StateRoot): void {
  const directories = [...new Set([home, run, lib])];
  for (const path of directories) requireRootsOwn(path);
  for (const path of [run, lib]) requireRootsEntries(path);
  for (const path of directories) {
    // The web process's user passes through them.
    mkdirSync(path, { recursive: true, mode: 0o755 });
    // In a sticky directory, as /tmp, another user may have been faster.
    requireRootsOwn(path);
  }
}

/** What another user had put there while the directory was that user's is not taken either. A socket says nothing by itself. */
function requireRootsEntries(directory: string): void {
  if (lstatIfThere(directory) === undefined) return;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stats = lstatIfThere(path);
    if (stats !== undefined && !stats.isSocket()) requireOwner(path, stats);
  }
}

/** A directory, as far as it is there: it, what leads to it, and every link between belong to root, and no other user may write there. */
function requireRootsOwn(path: string): void {
  requireChain(dirname(path), { links: 0 });
  const stats = lstatIfThere(path);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw refusal(path, 'is a symbolic link', 'Mount what it leads to at this path (`mount --bind`)');
  if (!stats.isDirectory()) throw refusal(path, 'is not a directory', 'Move it away');
  requireOwner(path, stats);
  if (isWritableByOthers(stats)) throw writable(path);
}

/** Every directory down to `path`, and those that links among them lead through. */
function requireChain(path: string, seen: { links: number }): void {
  const parent = dirname(path);
  if (parent !== path) requireChain(parent, seen);
  const stats = lstatIfThere(path);
  if (stats === undefined) return;
  requireOwner(path, stats);
  if (stats.isSymbolicLink()) {
    if (++seen.links > MAX_LINKS) throw refusal(path, 'leads through too many symbolic links', 'Name the directory itself');
    requireChain(resolve(parent, readlinkSync(path)), seen);
  } else if (isWritableByOthers(stats) && (stats.mode & STICKY) === 0) {
    throw writable(path);
  }
}

function requireOwner(path: string, { uid }: Stats): void {
  if (uid === 0) return;
  throw refusal(path, `belongs to the user with id ${uid}`, `Look at it, then \`chown root:root ${path}\``);
}

function isWritableByOthers({ mode }: Stats): boolean {
  return (mode & WRITABLE) !== 0;
}

function writable(path: string): PlimsollError {
  return refusal(path, 'is writable by users other than root', `Look at what is in it, then \`chmod go-w ${path}\``);
}

function refusal(path: string, what: string, remedy: string): PlimsollError {
  const message = `${path} ${what}: its files would decide who controls Plimsoll`;
  return new PlimsollError('forbidden', message, { hint: `${remedy}, or set PLIMSOLL_ROOT to a directory of root.` });
}
