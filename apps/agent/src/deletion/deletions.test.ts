import fs, { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Deletions, REMOVED } from './deletions.ts';

const { rename } = fs.promises;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-deletions-'));
  mkdirSync(join(directory, 'volume/data'), { recursive: true });
  writeFileSync(join(directory, 'volume/data/file'), '');
});
afterEach(() => {
  replaceRename(rename);
  rmSync(directory, { recursive: true });
});

function replaceRename(by: typeof rename): void {
  Object.assign(fs.promises, { rename: by });
  syncBuiltinESMExports();
}

/** A directory whose block is full, on a disk that has no other. */
function refuse(code: string): void {
  replaceRename(async (from, to) => {
    if (String(to).includes(REMOVED)) throw Object.assign(new Error(code), { code });
    await rename(from, to);
  });
}

it.each(['ENOSPC', 'EDQUOT'])('deletes under its own name where the disk has no room for another (%s)', async (code) => {
  await using deletions = new Deletions();
  refuse(code);
  await deletions.moveAside(directory, 'volume');
  await deletions.settled();
  expect(readdirSync(directory)).toEqual([]);
});

it('leaves alone what cannot be renamed for another reason', async () => {
  await using deletions = new Deletions();
  refuse('EROFS');
  await expect(deletions.moveAside(directory, 'volume')).rejects.toMatchObject({ code: 'EROFS' });
  await deletions.settled();
  expect(readdirSync(join(directory, 'volume/data'))).toEqual(['file']);
});
