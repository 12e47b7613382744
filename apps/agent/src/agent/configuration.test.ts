import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

test('without settings layers have no limit, 90 % is little left, and nobody is frozen', () => {
  expect(readConfiguration({})).toMatchObject({ storageBytes: null, diskLowShare: 0.9, diskFreezeShare: null });
});

test('settings of disk space', () => {
  const settings = { PLIMSOLL_STORAGE_SIZE: '10g', PLIMSOLL_DISK_LOW: '80', PLIMSOLL_DISK_FREEZE: '95%' };
  expect(readConfiguration(settings)).toMatchObject({ storageBytes: 10 * 2 ** 30, diskLowShare: 0.8, diskFreezeShare: 0.95 });
});

test.each([
  ['PLIMSOLL_STORAGE_SIZE', '1'],
  ['PLIMSOLL_STORAGE_SIZE', '10x'],
  ['PLIMSOLL_STORAGE_SIZE', '-1'],
  ['PLIMSOLL_STORAGE_SIZE', '4k'],
  ['PLIMSOLL_DISK_LOW', '20'],
  ['PLIMSOLL_DISK_FREEZE', '100'],
  ['PLIMSOLL_DISK_FREEZE', 'yes'],
])('%s=%s is refused', (name, value) => {
  expect(() => readConfiguration({ [name]: value })).toThrow(new RegExp(`${name} is "${value}"`));
});
