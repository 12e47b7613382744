import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { pidOfPeer } from '../../socket-peer.ts';
import { endpointOf } from './endpoint.ts';

/** Who is at the other end: the process, and the browser's address where that is the web process, which alone may say it. */
export function peerOf(request: IncomingMessage): { pid: number | null; address: string | null } {
  const address = endpointOf(request) === 'web' ? request.headers['x-forwarded-for'] : null;
  return { pid: pidOfPeer(request.socket), address: typeof address === 'string' && isIP(address) !== 0 ? address : null };
}
