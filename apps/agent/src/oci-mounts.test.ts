import { ContainerMounts } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { ociMounts, outerFirst } from './oci-mounts.ts';

const made = (mounts: unknown) => ociMounts(ContainerMounts.parse(mounts), (volume) => `/volumes/${volume}/data`);

test('a volume is private and shows its files by the ids inside; a bind has the propagation and mapping of its request', () => {
  expect(
    made([
      { kind: 'volume', volume: 'data', destination: '/data' },
      { kind: 'bind', source: '/srv', destination: '/srv', readOnly: true, propagation: 'slave' },
      { kind: 'bind', source: '/home', destination: '/home', idmap: true },
    ]),
  ).toEqual([
    {
      destination: '/data',
      type: 'bind',
      source: '/volumes/data/data',
      options: ['rbind', 'rw', 'nosuid', 'nodev', 'rprivate', 'idmap'],
    },
    { destination: '/srv', type: 'bind', source: '/srv', options: ['rbind', 'ro', 'nosuid', 'nodev', 'rslave'] },
    { destination: '/home', type: 'bind', source: '/home', options: ['rbind', 'rw', 'nosuid', 'nodev', 'rprivate', 'idmap'] },
  ]);
});

test('the outer one comes first', () => {
  const at = (destination: string) => ({ kind: 'volume', volume: 'v', destination });
  const mounts = outerFirst(made([at('/srv/a/b'), at('/var'), at('/srv'), at('/srv/a')]));
  expect(mounts.map(({ destination }) => destination)).toEqual(['/var', '/srv', '/srv/a', '/srv/a/b']);
});
