import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { grantDevices } from './device-nodes.ts';

test('a device is known by its number', () => {
  const [granted] = grantDevices([{ path: '/dev/full', destination: '/dev/bin/full', access: 'r' }]);
  expect(granted).toEqual({
    node: { type: 'c', path: '/dev/bin/full', major: 1, minor: 7, fileMode: statSync('/dev/full').mode & 0o777, uid: 0, gid: 0 },
    rule: { allow: true, type: 'c', major: 1, minor: 7, access: 'r' },
  });
});

test.each([
  ['/dev/no-such-device', undefined, 'not there'],
  ['/dev/fd', undefined, 'no device'],
  ['/dev/full', undefined, 'own already'],
  ['/dev/full', '/dev/pts/7', 'own already'],
])('%s at %s is refused: %s', (path, destination, why) => {
  expect(() => grantDevices([{ path, destination, access: 'rwm' }])).toThrow(why);
});

test('two that would lie on or in each other are refused', () => {
  const at = (destination: string) => ({ path: '/dev/full', destination, access: 'r' });
  expect(() => grantDevices([at('/dev/a'), at('/dev/a')])).toThrow('named twice');
  expect(() => grantDevices([at('/dev/a'), at('/dev/a/b')])).toThrow('directory');
  expect(grantDevices([at('/dev/a'), at('/dev/ab')])).toHaveLength(2);
});
