import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { peerPid } from '@plimsoll/core';
import { endpointOf } from './endpoint.ts';

/** The process at the other end of a unix socket, as the kernel noted it when it connected. Null: it cannot be told. */
function pidOfPeer(socket: Socket): number | null {
  // Node has no other way to a socket's descriptor.
  const fd = (Reflect.get(socket, '_handle') as { fd?: number } | null | undefined)?.fd;
  return fd === undefined || fd < 0 ? null : peerPid(fd);
}

/** Who is at the other end: the process, and the browser's address where that is the web process, which alone may say it. */
export function peerOf(request: IncomingMessage): { pid: number | null; address: string | null } {
  const address = endpointOf(request) === 'web' ? request.headers['x-forwarded-for'] : null;
  return { pid: pidOfPeer(request.socket), address: typeof address === 'string' && isIP(address) !== 0 ? address : null };
}
