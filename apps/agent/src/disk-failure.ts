import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';
import { stateRoot } from './state-root.ts';

/** Why a disk takes no write. */
export type DiskFailure = 'full' | 'quota' | 'read-only' | 'broken';

/** errno(3). */
const BY_ERRNO: Readonly<Record<string, DiskFailure>> = { ENOSPC: 'full', EDQUOT: 'quota', EROFS: 'read-only', EIO: 'broken' };
/** SQLite's primary result codes (sqlite.org/rescode.html): SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR. */
const BY_SQLITE: Readonly<Record<number, DiskFailure>> = { 13: 'full', 8: 'read-only', 10: 'broken' };
/** A write that needed more than this would have failed for another reason. */
const FULL_BELOW_BYTES = 16 * 1024 * 1024;
/** A new container takes some 30 KiB. */
const NEW_NEEDS_BYTES = 512 * 1024;
const MOST_CAUSES = 8;

const IN_WORDS: Readonly<Record<DiskFailure, string>> = {
  full: 'is full',
  quota: 'has a quota, which is used up',
  'read-only': 'is read-only',
  broken: 'does not take what is written (EIO)',
};

/**
 * Why a write failed, where the file system of `directory` is the cause; null for every other error. ENOSPC has other meanings, too: a
 * limit of inotify, of cgroups, of mounts. An error that names no path below `directory` counts only while the file system is full.
 */
export function diskFailure(error: unknown, directory = stateRoot().lib): DiskFailure | null {
  for (let depth = 0; error instanceof Error && depth < MOST_CAUSES; depth++, error = error.cause) {
    const found = writeFailure(error);
    if (found === null) continue;
    if (found === 'full' && !names(error, directory) && !isFull(directory)) continue;
    // A device without room for SQLite's shared memory is reported as one that fails.
    return found === 'broken' && isFull(directory) ? 'full' : found;
  }
  return null;
}

/** The same as an error that may cross a border, with the file system's name; null for every other error. */
export function diskError(error: unknown, directory = stateRoot().lib): PlimsollError | null {
  const failure = diskFailure(error, directory);
  if (failure === null) return null;
  const message = inWords(failure, directory);
  if (failure === 'full' || failure === 'quota') return new PlimsollError('disk-full', message, { cause: error });
  return new PlimsollError('unavailable', message, {
    hint: 'The kernel log says more: `dmesg`. Plimsoll goes on by itself when the file system takes writes again.',
    cause: error,
  });
}

/** The same by the error's code alone: of a write to a file, whose ENOSPC has one meaning. */
export function writeFailure(error: unknown): DiskFailure | null {
  if (!(error instanceof Error)) return null;
  if ('errcode' in error && typeof error.errcode === 'number') return BY_SQLITE[error.errcode & 0xff] ?? null;
  return 'code' in error && typeof error.code === 'string' ? (BY_ERRNO[error.code] ?? null) : null;
}

/** Throws `disk-full` where there is no room for anything new: what space there is still is for records, and for verbs that free some. */
export function requireRoom(directory = stateRoot().lib): void {
  if (isFull(directory, NEW_NEEDS_BYTES)) throw new PlimsollError('disk-full', inWords('full', directory));
}

/** Whether an ordinary write would find no room there now. */
export function isFull(directory: string, belowBytes = FULL_BELOW_BYTES): boolean {
  try {
    // Without what ext4 reserves for root and for itself: records may use that, new things may not.
    const { blocks, bavail, bsize, files, ffree } = statfsSync(directory);
    return (blocks > 0 && bavail * bsize < belowBytes) || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}

function names(error: Error, directory: string): boolean {
  if ('errcode' in error) return true;
  return 'path' in error && typeof error.path === 'string' && error.path.startsWith(directory);
}

function inWords(failure: DiskFailure, directory: string): string {
  return `the file system that holds ${directory} (${fileSystem(directory)}) ${IN_WORDS[failure]}`;
}

/** Device, mount point and free space: "/dev/vda1 on /, 0 B of 20 GiB free". */
function fileSystem(directory: string): string {
  const { source, mountPoint } = mountOf(directory);
  const { bavail, blocks, bsize } = statfsSync(directory);
  return `${source} on ${mountPoint}, ${sizeInWords(bavail * bsize)} of ${sizeInWords(blocks * bsize)} free`;
}

/** proc_pid_mountinfo(5): the last of the mounts with the longest mount point above it. */
function mountOf(directory: string): { source: string; mountPoint: string } {
  const path = realpathSync(directory);
  let found = { source: 'a file system', mountPoint: '/' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mountPoint = unescape(before.split(' ')[4] ?? '');
    const isAbove = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (!isAbove || mountPoint.length < found.mountPoint.length) continue;
    found = { source: unescape(after.split(' ')[1] ?? ''), mountPoint };
  }
  return found;
}

/** Space, tab, newline and backslash stand there as octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
