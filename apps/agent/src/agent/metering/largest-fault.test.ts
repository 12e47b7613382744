import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { largestFaultKib } from './largest-fault.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plim-thp-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function set(name: string, setting: string): void {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, 'enabled'), setting);
}

test.each([
  ['always [madvise] never', 2048],
  ['[always] madvise never', 2048],
  ['always madvise [never]', 4],
])('with transparent huge pages set to %s', (setting, kib) => {
  set('.', setting);
  expect(largestFaultKib(directory)).toBe(kib);
});

test('sizes have settings of their own', () => {
  set('.', 'always madvise [never]');
  set('hugepages-2048kB', 'always [inherit] madvise never');
  set('hugepages-64kB', 'always inherit [madvise] never');
  set('hugepages-128kB', 'always inherit madvise [never]');
  expect(largestFaultKib(directory)).toBe(64);
});

test('a kernel without them', () => {
  expect(largestFaultKib(join(directory, 'missing'))).toBe(4);
});
