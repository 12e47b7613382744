import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { guarded } from '@plimsoll/core/guarded';

/** A socket of the agent: `agent.sock`, which root alone may connect to, or `web.sock`, which the web process may connect to. */
export type Endpoint = 'local' | 'web';

const local = new WeakSet<Socket>();

/** From now on, what this server accepts has come from root. */
export function acceptAsLocal(server: Server): void {
  server.on(
    'connection',
    guarded('a new connection', (socket: Socket) => local.add(socket)),
  );
}

/** The web process may say more than it should: what is not known to be from root counts as its. */
export function endpointOf({ socket }: IncomingMessage): Endpoint {
  return local.has(socket) ? 'local' : 'web';
}
