import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SYSCALL_NUMBERS } from './syscall-numbers.ts';
import { SYSCALL_TABLE_X64 } from './syscall-table-x64.ts';

const HEADER = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';

test('the numbers that programs call are those of the table', () => {
  const { x64 = {} } = SYSCALL_NUMBERS;
  const inTable = Object.keys(x64).map((name) => [name, SYSCALL_TABLE_X64.get(name)]);
  expect(Object.fromEntries(inTable)).toEqual(x64);
});

test('no number is there twice, and none of x32’s', () => {
  const numbers = [...SYSCALL_TABLE_X64.values()];
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.filter((number) => number >= 512)).toEqual([]);
});

// linux-libc-dev has it.
test.skipIf(!existsSync(HEADER))('every syscall of the kernel’s header is there with its number', () => {
  const inHeader = [...readFileSync(HEADER, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
  expect(inHeader.length).toBeGreaterThan(300);
  const known = inHeader.filter(([, name = '']) => SYSCALL_TABLE_X64.has(name));
  expect(known.map(([, name = '', number]) => [name, Number(number)])).toEqual(
    known.map(([, name = '']) => [name, SYSCALL_TABLE_X64.get(name)]),
  );
  // A header that is newer than the table may have more, and above its numbers alone.
  const last = Math.max(...SYSCALL_TABLE_X64.values());
  const unknown = inHeader.filter(([, name = '']) => !SYSCALL_TABLE_X64.has(name));
  expect(unknown.filter(([, , number]) => Number(number) <= last)).toEqual([]);
});
