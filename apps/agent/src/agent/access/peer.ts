import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { peerPid } from '@plimsoll/core';

/** The process at the other end of a unix socket, as the kernel noted it when it connected. Null: it cannot be told. */
function pidOfPeer(socket: Socket): number | null {
  // Node has no other way to a socket's descriptor.
  const fd = (Reflect.get(socket, '_handle') as { fd?: number } | null | undefined)?.fd;
  return fd === undefined || fd < 0 ? null : peerPid(fd);
}

/** Who is at the other end: the process, and the browser's address where that is the web process, which alone may say it. */
export function peerOf({ socket, headers }: IncomingMessage): { pid: number | null; address: string | null } {
  const address = headers['x-forwarded-for'];
  return { pid: pidOfPeer(socket), address: typeof address === 'string' && isIP(address) !== 0 ? address : null };
}
