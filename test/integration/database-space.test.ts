import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../apps/agent/src/agent/database/open.ts';
import { writeFailure } from '../../apps/agent/src/disk-failure.ts';
import { FillableDisk, whyNoDisk, type DiskKind } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const SPACE = { walBytes: 2 * MEBIBYTE, freeBytes: MEBIBYTE };
const MIGRATIONS = ['CREATE TABLE notes (text TEXT NOT NULL) STRICT'];

let disk: FillableDisk;
let path: string;
afterEach(() => disk[Symbol.dispose]());

function begin(kind: DiskKind): void {
  disk = new FillableDisk(kind, 64 * MEBIBYTE);
  path = join(disk.directory, 'notes.db');
}

const add = (database: DatabaseSync, text: string): void => void database.prepare('INSERT INTO notes VALUES (?)').run(text);
const count = (database: DatabaseSync): number => (database.prepare('SELECT count(*) AS n FROM notes').get() as { n: number }).n;

async function spaceTaken(database: DatabaseSync): Promise<void> {
  await until('the space is taken', () => {
    const { freelist_count: free } = database.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
    return free * 4096 >= SPACE.freeBytes / 2 && statSync(`${path}-wal`).size >= SPACE.walBytes;
  });
}

for (const kind of ['ext4', 'tmpfs'] as const) {
  const why = whyNoDisk(kind);
  const reason = why === null ? '' : ` (${why})`;
  test.skipIf(why !== null)(
    `a database that keeps space takes records on a full ${kind}, after a close as well${reason}`,
    async () => {
      begin(kind);
      let database = openDatabase(path, MIGRATIONS, 'full', SPACE);
      await spaceTaken(database);
      disk.fill();
      for (let n = 0; n < 100; n++) add(database, 'a'.repeat(2000));
      closeDatabase(database, path);
      // What the close has freed is somebody else's now.
      disk.fill();
      database = openDatabase(path, MIGRATIONS, 'full', SPACE);
      for (let n = 0; n < 100; n++) add(database, 'b'.repeat(2000));
      expect(count(database)).toBe(200);
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      closeDatabase(database, path);
    },
  );

  test.skipIf(why !== null)(
    `any database can be read on a full ${kind}, and says that the disk is full when written${reason}`,
    () => {
      begin(kind);
      let database = openDatabase(path, MIGRATIONS, 'normal');
      add(database, 'before');
      database.close();
      disk.fill();
      database = openDatabase(path, MIGRATIONS, 'normal');
      expect(count(database)).toBe(1);
      let error: unknown;
      try {
        for (let n = 0; n < 1000; n++) add(database, 'c'.repeat(4000));
      } catch (thrown) {
        error = thrown;
      }
      expect(writeFailure(error)).toBe('full');
      disk.free();
      add(database, 'after');
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    },
  );
}

const why = whyNoDisk('ext4');
test.skipIf(why !== null)(
  `a database is opened on a disk that has room for a part of a page alone${why === null ? '' : ` (${why})`}`,
  () => {
    begin('ext4');
    const program = join(import.meta.dirname, '../support/open-database.ts');
    const open = () => {
      const { signal, stdout } = spawnSync(process.execPath, [program, path], { encoding: 'utf8' });
      return { signal, stdout };
    };
    const opened = { signal: null, stdout: '0\n' };
    expect(open()).toEqual(opened);
    for (let kib = 4; kib <= 11; kib++) {
      disk.fill(kib * 1024);
      expect(open(), `${kib} KiB`).toEqual(opened);
      disk.free();
    }
  },
);
