import type { HostNamespace, NamespaceType } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { namespaceTints } from './namespace-tints.ts';

const namespace = (type: NamespaceType, inode: number, isHost = false): HostNamespace => ({
  type,
  inode,
  isHost,
  processes: 1,
  first: { pid: 1, name: 'sh' },
  containers: [],
  otherProcesses: 0,
});

test('what is shared has one tint wherever it is, each its own; what is not has none', () => {
  const shared = namespace('pid', 10);
  const second = namespace('ipc', 20);
  const rows = [
    { id: 'a', name: 'a', cells: { pid: shared, uts: namespace('uts', 1), ipc: second, user: namespace('user', 5, true) } },
    { id: 'b', name: 'b', cells: { pid: shared, uts: namespace('uts', 2), ipc: second } },
  ];
  const tints = namespaceTints({ types: ['uts', 'pid', 'ipc', 'user'], host: {}, rows, others: [] });
  expect([...tints.keys()]).toEqual([10, 20, 5]);
  expect(new Set(tints.values()).size).toBe(3);
});
