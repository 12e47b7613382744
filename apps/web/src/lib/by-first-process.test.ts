import type { HostNamespace, NamespaceType } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { byFirstProcess } from './by-first-process.ts';

const namespace = (type: NamespaceType, inode: number, pid: number, ...containers: string[]): HostNamespace => ({
  type,
  inode,
  isHost: false,
  processes: 1,
  first: { pid, name: 'unshare' },
  containers: containers.map((name, i) => ({ id: `000000000000000${i}`, name, first: false })),
  otherProcesses: 0,
});

test('what one process is the first in stands together, the lowest pid first', () => {
  const uts = namespace('uts', 1, 90, 'db');
  const pid = namespace('pid', 2, 12);
  const mount = namespace('mount', 3, 90, 'db', 'web');
  expect(byFirstProcess([uts, pid, mount])).toEqual([
    { first: pid.first, madeIn: [], namespaces: [pid] },
    { first: uts.first, madeIn: ['db', 'web'], namespaces: [uts, mount] },
  ]);
});
