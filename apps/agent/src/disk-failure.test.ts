import { writeFileSync } from 'node:fs';
import { SyscallError } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { diskError, diskFailure, writeFailure } from './disk-failure.ts';

const errno = (code: string, path?: string): Error =>
  Object.assign(new Error(code), { code, ...(path !== undefined && { path }) });

test('the error of a real full device is known by its code', () => {
  expect(() => writeFileSync('/dev/full', 'text')).toThrow(expect.toSatisfy((error) => writeFailure(error) === 'full'));
});

test('each way in which a disk takes no write has its name', () => {
  expect(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOENT'].map((code) => writeFailure(errno(code)))).toEqual([
    'full',
    'quota',
    'read-only',
    'broken',
    null,
  ]);
  const sqlite = (errcode: number): Error => Object.assign(new Error('sqlite'), { code: 'ERR_SQLITE_ERROR', errcode });
  expect([13, 8, 778, 11].map((errcode) => writeFailure(sqlite(errcode)))).toEqual(['full', 'read-only', 'broken', null]);
});

test('ENOSPC about anything but a file of Plimsoll is no full disk while there is room', () => {
  expect(diskFailure(new SyscallError('inotify_add_watch', 28, 'watch a file'), '/proc')).toBe(null);
  expect(diskFailure(errno('ENOSPC', '/sys/fs/cgroup/a'), '/dev')).toBe(null);
  expect(diskFailure(errno('ENOSPC', '/dev/a'), '/dev')).toBe('full');
  expect(diskFailure(new Error('outer', { cause: errno('EDQUOT') }), '/dev')).toBe('quota');
});

test('the sentence names the file system, and what works while it is full', () => {
  const { code, message, hint } = diskError(errno('ENOSPC', '/dev/a'), '/dev')!;
  expect(code).toBe('disk-full');
  expect(message).toMatch(/^the file system that holds \/dev \(\S+ on \/dev, .* of .* free\) is full$/);
  expect(hint).toContain('plimsoll rm');
  expect(diskError(errno('EROFS'), '/dev')).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/is read-only$/),
  });
});
