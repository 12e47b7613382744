import { NamespaceType } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import type { Namespaces } from './namespaces.ts';
import { requireOwnShm } from './shared-memory.ts';

const namespaces = (ipc: Namespaces['ipc']): Namespaces => ({
  ...(Object.fromEntries(NamespaceType.options.map((type) => [type, 'private'])) as Namespaces),
  ipc,
});

test('a size is for shared memory of its own', () => {
  expect(() => requireOwnShm({ shmBytes: 4096, tmpfs: [] }, namespaces('private'))).not.toThrow();
  expect(() => requireOwnShm({ shmBytes: undefined, tmpfs: [] }, namespaces('host'))).not.toThrow();
  expect(() => requireOwnShm({ shmBytes: 4096, tmpfs: [] }, namespaces('host'))).toThrow(
    'shared memory is that of the host, whose ipc namespace this is',
  );
  expect(() => requireOwnShm({ shmBytes: 4096, tmpfs: [] }, namespaces({ container: 'a'.repeat(16) }))).toThrow(
    'shared memory is that of another container, whose ipc namespace this is',
  );
  expect(() => requireOwnShm({ shmBytes: 4096, tmpfs: [{ destination: '/dev/shm' }] }, namespaces('private'))).toThrow(
    'a tmpfs is to be mounted on /dev/shm',
  );
});
