import { guarded } from '@plimsoll/core/guarded';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { randomFillSync } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { setAsideUnlessFile } from '../../stores/set-aside.ts';

/** What a database keeps for itself, so that it takes records while the disk is full. Nobody else can take it. */
export interface Space {
  /** Of its write-ahead log. */
  walBytes: number;
  /** In pages of the database that hold nothing. */
  freeBytes: number;
}

const KEEP_EVERY_MS = 1000;
/** What must stay free beside it. */
const MARGIN_BYTES = 16 * 1024 * 1024;
/** sqlite.org/fileformat2.html, 4.1: the WAL's header, and that of each frame. */
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Keeps that space from now on: it is taken while there is room, and taken again after it was used. A WAL stays as long as it once was,
 * and is written from its beginning after each checkpoint; what lies behind its last frame has no valid checksum, and is not read.
 */
export function keepSpace(database: DatabaseSync, path: string, space: Space): void {
  const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  // A checkpoint after half of it leaves the other half to the transaction under way.
  const pages = Math.floor(space.walBytes / 2 / (pageBytes + FRAME_HEADER_BYTES));
  database.exec(`PRAGMA wal_autocheckpoint = ${pages}`);
  const keep = (): void => {
    if (!database.isOpen) return clearInterval(timer);
    if (database.isTransaction) return;
    tryTo(() => takePages(database, path, Math.ceil(space.freeBytes / pageBytes)));
    tryTo(() => takeWal(path, space.walBytes));
  };
  const timer = setInterval(guarded(`the space of ${path}`, keep), KEEP_EVERY_MS).unref();
}

function tryTo(take: () => void): void {
  try {
    take();
  } catch {
    // The disk has no room now; the next interval tries again.
  }
}

/** SQLite removes the WAL with the last connection: under another name it goes on to take up its space. Called before that. */
export function holdWal(path: string): void {
  try {
    rmSync(heldWal(path), { force: true });
    linkSync(`${path}-wal`, heldWal(path));
  } catch {
    // Without it the next one takes space where there is some.
  }
}

/** Gives the database the WAL back that was held, as an empty one. Called before it is opened. */
export function returnWal(path: string): void {
  const held = heldWal(path);
  setAsideUnlessFile(held);
  if (!existsSync(held)) return;
  // The process was killed before SQLite had removed it; or the database is gone.
  if (existsSync(`${path}-wal`) || (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return rmSync(held);
  const fd = openSync(held, 'r+');
  try {
    // A WAL without a valid header is ignored as a whole: all of it is in the database.
    writeSync(fd, Buffer.alloc(WAL_HEADER_BYTES), 0, WAL_HEADER_BYTES, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(held, `${path}-wal`);
}

function heldWal(path: string): string {
  return `${path}-held`;
}

/** Free pages that are on disk: they were written once. */
function takePages(database: DatabaseSync, path: string, pages: number): void {
  // A kill, or a full disk, between the two statements below leaves the table.
  database.exec('DROP TABLE IF EXISTS space');
  const { freelist_count: free } = database.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
  const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  if (free >= pages / 2 || !hasRoom(path, pages * pageBytes * 2)) return;
  database.exec(`CREATE TABLE space (bytes BLOB); INSERT INTO space VALUES (randomblob(${(pages - free) * pageBytes}))`);
  // In the file, not in the WAL alone.
  database.exec('PRAGMA wal_checkpoint(PASSIVE); DROP TABLE space');
}

function takeWal(path: string, bytes: number): void {
  const { size } = statSync(`${path}-wal`);
  if (size >= bytes || !hasRoom(path, bytes)) return;
  const more = randomFillSync(Buffer.alloc(bytes - size));
  if (size < WAL_HEADER_BYTES) more.fill(0, 0, WAL_HEADER_BYTES);
  const fd = openSync(`${path}-wal`, 'r+');
  try {
    for (let done = 0; done < more.length;) done += writeSync(fd, more, done, more.length - done, size + done);
  } finally {
    closeSync(fd);
  }
}

function hasRoom(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize > MARGIN_BYTES + bytes;
}
