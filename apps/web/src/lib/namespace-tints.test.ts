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

test('who shares has one tint for all that is shared, who else shares another; the host’s is grey, and what is not shared has none', () => {
  const user = namespace('user', 5, true);
  const [pid, ipc, uts] = [namespace('pid', 10), namespace('ipc', 20), namespace('uts', 30)];
  const rows = [
    { id: 'a', name: 'a', cells: { uts, pid, ipc, user } },
    { id: 'b', name: 'b', cells: { uts: namespace('uts', 2), pid, ipc, user: namespace('user', 6) } },
    { id: 'c', name: 'c', cells: { uts } },
  ];
  const tints = namespaceTints({ types: ['uts', 'pid', 'ipc', 'user'], host: { user }, rows, others: [] });
  expect([...tints.keys()]).toEqual([30, 10, 20, 5]);
  expect(tints.get(10)).toBe(tints.get(20));
  expect(new Set(tints.values()).size).toBe(3);
});
