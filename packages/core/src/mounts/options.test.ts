import { expect, test } from 'vitest';
import { parseMountOptions } from './options.ts';

test("what belongs to the mount and what to the file system are parted, and mount(8)'s defaults say nothing", () => {
  expect(parseMountOptions(['nosuid', 'noexec', 'rw', 'relatime', 'mode=755', 'size=64k', 'newinstance', 'ro'])).toEqual({
    attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NOEXEC', 'MOUNT_ATTR_RDONLY'],
    parameters: [
      { key: 'mode', value: '755' },
      { key: 'size', value: '64k' },
      { key: 'newinstance', value: null },
    ],
  });
});

test('a value may be empty, or have an equals sign in it', () => {
  expect(parseMountOptions(['a=', 'b=c=d']).parameters).toEqual([
    { key: 'a', value: '' },
    { key: 'b', value: 'c=d' },
  ]);
});
