import { expect, test } from 'vitest';
import type { HostNamespace, NamespaceType } from './isolation.ts';
import { namespaceMatrix, sharingOf } from './namespace-matrix.ts';

const A = { id: '00000000000000aa', name: 'web-10', first: true };
const B = { id: '00000000000000bb', name: 'web-9', first: true };

function namespace(type: NamespaceType, inode: number, rest: Partial<HostNamespace> = {}): HostNamespace {
  const first = { pid: inode, name: 'sh' };
  return { type, inode, processes: 1, first, containers: [], otherProcesses: 0, isHost: false, ...rest };
}

const HOST_UTS = namespace('uts', 1, { isHost: true, otherProcesses: 90, containers: [B] });
const HOST_PID = namespace('pid', 2, { isHost: true, otherProcesses: 90 });
const UTS_OF_A = namespace('uts', 3, { containers: [A] });
const SHARED_PID = namespace('pid', 4, { processes: 2, containers: [A, B] });
const NESTED_PID = namespace('pid', 5, { containers: [{ ...A, first: false }] });
const STRANGE_PID = namespace('pid', 6, { otherProcesses: 1 });

test('a row for each container, what it made inside is none of its cells', () => {
  const matrix = namespaceMatrix({ namespaces: [HOST_UTS, HOST_PID, UTS_OF_A, SHARED_PID, NESTED_PID, STRANGE_PID] });
  expect(matrix).toEqual({
    types: ['uts', 'pid'],
    host: { uts: HOST_UTS, pid: HOST_PID },
    rows: [
      { id: B.id, name: 'web-9', cells: { uts: HOST_UTS, pid: SHARED_PID } },
      { id: A.id, name: 'web-10', cells: { uts: UTS_OF_A, pid: SHARED_PID } },
    ],
    others: [NESTED_PID, STRANGE_PID],
  });
});

test('with whom a namespace is shared', () => {
  expect(sharingOf(UTS_OF_A, A.id)).toMatchObject({ sharedWith: 'own', containers: [], otherProcesses: 0 });
  expect(sharingOf(HOST_UTS, B.id)).toMatchObject({ sharedWith: 'host', containers: [], otherProcesses: 90 });
  expect(sharingOf(SHARED_PID, A.id)).toMatchObject({ sharedWith: 'others', containers: [{ id: B.id, name: B.name }] });
  // Somebody went in by nsenter.
  const entered = { ...UTS_OF_A, otherProcesses: 1 };
  expect(sharingOf(entered, A.id)).toMatchObject({ sharedWith: 'others', containers: [], otherProcesses: 1 });
});
