import { PlimsollError, type CreateContainer } from '@plimsoll/protocol';
import { ownerInWords, type Namespaces } from './namespaces.ts';

/** A size of shared memory is refused where the shared memory is not the container's own. */
export function requireOwnShm({ shmBytes, tmpfs }: Pick<CreateContainer, 'shmBytes' | 'tmpfs'>, { ipc }: Namespaces): void {
  if (shmBytes === undefined) return;
  if (ipc !== 'private') {
    throw new PlimsollError('bad-request', `shared memory is that of ${ownerInWords(ipc)}, whose ipc namespace this is`, {
      field: 'shmBytes',
      hint: 'Leave it out, or leave --ipc out.',
    });
  }
  if (tmpfs.some(({ destination }) => destination === '/dev/shm')) {
    throw new PlimsollError('bad-request', 'a tmpfs is to be mounted on /dev/shm, with a size of its own', {
      field: 'shmBytes',
      hint: 'Give the size of one of the two.',
    });
  }
}
