import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskUsage } from './disk-usage.ts';
import { UpperSizes } from './upper-sizes.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plim-disk-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const going = new AbortController().signal;
/** du(1) counts st_blocks and links as we do. */
const du = (path: string) => Number(execFileSync('du', ['-s', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0]);

test('is what du says: blocks and not lengths, links once, symbolic links not followed', async () => {
  mkdirSync(join(directory, 'a/b/c'), { recursive: true });
  writeFileSync(join(directory, 'a/whole'), Buffer.alloc(300_000, 1));
  linkSync(join(directory, 'a/whole'), join(directory, 'a/b/again'));
  execFileSync('truncate', ['-s', '1G', join(directory, 'a/sparse')]);
  symlinkSync('/usr', join(directory, 'a/b/c/out'));
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]), Buffer.alloc(5000, 1));
  execFileSync('sync', ['-f', directory]);
  const bytes = await diskUsage(directory, going);
  expect(bytes).toBe(du(directory));
  expect(bytes).toBeGreaterThan(300_000);
  expect(bytes).toBeLessThan(2_000_000);
});

test('is null where there is nothing, and when stopped', async () => {
  expect(await diskUsage(join(directory, 'not-there'), going)).toBeNull();
  for (let i = 0; i < 300; i++) writeFileSync(join(directory, String(i)), '');
  expect(await diskUsage(directory, AbortSignal.abort())).toBeNull();
});

test('each is walked again and again, one at a time', async () => {
  mkdirSync(join(directory, 'one'));
  mkdirSync(join(directory, 'two'));
  using sizes = new UpperSizes(10);
  using one = sizes.follow(join(directory, 'one'));
  using two = sizes.follow(join(directory, 'two'));
  await expect.poll(() => [one.bytes, two.bytes]).toEqual([du(join(directory, 'one')), du(join(directory, 'two'))]);
  writeFileSync(join(directory, 'two/file'), Buffer.alloc(100_000, 1));
  await expect.poll(() => two.bytes).toBe(du(join(directory, 'two')));
});
