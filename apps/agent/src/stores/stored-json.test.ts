import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { setAside, originOf } from './set-aside.ts';
import { readStored, storedText } from './stored-json.ts';

const Names = z.strictObject({ version: z.literal(1), names: z.record(z.string(), z.string()) });
const VALUE = { version: 1 as const, names: { base: 'built-in', 7: 'seven' } };

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-stored-'));
  path = join(directory, 'names.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was stored is read back; a file from before there were sums as well', () => {
  expect(readStored(path, Names)).toEqual({ found: 'missing' });
  writeFileSync(path, storedText(VALUE));
  expect(readStored(path, Names)).toEqual({ found: 'whole', value: VALUE, hasSum: true });
  writeFileSync(path, JSON.stringify(VALUE));
  expect(readStored(path, Names)).toEqual({ found: 'whole', value: VALUE, hasSum: false });
});

test('a flipped bit is found, or changes nothing', () => {
  const whole = Buffer.from(storedText(VALUE));
  for (let bit = 0; bit < whole.length * 8; bit += 9) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    writeFileSync(path, bytes);
    const stored = readStored(path, Names);
    if (stored.found === 'whole') expect(stored.value).toEqual(VALUE);
  }
  expect(readdirSync(directory).length).toBeGreaterThan(whole.length / 2);
});

test.each([
  ['a FIFO', () => execFileSync('mkfifo', [path])],
  ['a link that leads nowhere', () => symlinkSync('/nonexistent', path)],
  ['a device', () => execFileSync('mknod', [path, 'c', '1', '5'])],
] as const)('%s is not opened, and is set aside', (_name, make) => {
  make();
  expect(readStored(path, Names).found).toBe('damaged');
  expect(readStored(path, Names)).toEqual({ found: 'missing' });
});

test('what is set aside keeps its content under a name that says what it was, and never takes another’s', () => {
  const kept = ['a', 'b', 'c'].map((text) => {
    writeFileSync(path, text);
    writeFileSync(`${path}-wal`, `${text} wal`);
    return setAside(path, ['-wal', '-shm']);
  });
  expect(new Set(kept).size).toBe(3);
  expect(kept.map((name) => readFileSync(name, 'utf8'))).toEqual(['a', 'b', 'c']);
  expect(kept.map((name) => readFileSync(`${name}-wal`, 'utf8'))).toEqual(['a wal', 'b wal', 'c wal']);
  expect(kept.map((name) => originOf(name)?.path)).toEqual([path, path, path]);
  expect(originOf(path)).toBeNull();
  expect(originOf(`${kept[0]}-wal`)).toBeNull();
});
