import type { Socket } from 'node:net';
import { peerPid } from '@plimsoll/core';

/** The process at the other end of a unix socket, as the kernel noted it when it connected or listened. Null: it cannot be told. */
export function pidOfPeer(socket: Socket): number | null {
  // Node has no other way to a socket's descriptor.
  const fd = (Reflect.get(socket, '_handle') as { fd?: number } | null | undefined)?.fd;
  return fd === undefined || fd < 0 ? null : peerPid(fd);
}
