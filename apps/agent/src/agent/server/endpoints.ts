import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { guarded } from '@plimsoll/core/guarded';
import type { StateRoot } from '../../state-root.ts';
import { acceptAsLocal } from '../access/endpoint.ts';
import { limitConnections } from './connection-limit.ts';
import { notReady } from './http-api.ts';
import { listen } from './listen.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** For a request to arrive whole; an answer may take its time. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 };
const LIVE_PATH = '/socket.io/';

/** Takes live connections, over polling and by an upgrade. */
export interface LiveListener {
  request: RequestListener;
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * The two unix sockets of the agent. On `agent.sock`, which is root's, the local token and sessions are good; on `web.sock`, which is the web
 * process's, sessions alone. Whatever the web process passes on, a browser cannot become root by it.
 */
export class Endpoints implements AsyncDisposable {
  readonly #servers: Server[] = [];
  #api: RequestListener = notReady;
  #live: LiveListener = { request: notReady, upgrade: (_request, socket) => refuseUpgrade(socket, 503) };

  /** Throws `conflict` where a living agent has `agent.sock`, which is the lock on the state root. */
  static async open({ agentSocket, webSocket }: StateRoot, webUid: number | null): Promise<Endpoints> {
    const endpoints = new Endpoints();
    const local = createServer(LIMITS);
    acceptAsLocal(local);
    limitConnections(local, agentSocket);
    await listen(local, agentSocket, null);
    endpoints.#add(local);
    const web = createServer(LIMITS);
    limitConnections(web, webSocket);
    await listen(web, webSocket, webUid);
    endpoints.#add(web);
    return endpoints;
  }

  serve(api: RequestListener): void {
    this.#api = api;
  }

  serveLive(live: LiveListener): void {
    this.#live = live;
  }

  #add(server: Server): void {
    const requested: RequestListener = (request, response) =>
      (isLive(request) ? this.#live.request : this.#api)(request, response);
    const upgraded: LiveListener['upgrade'] = (request, socket, head) => {
      if (isLive(request)) this.#live.upgrade(request, socket, head);
      else refuseUpgrade(socket, 404);
    };
    server.on('request', guarded('a request', requested));
    server.on('upgrade', guarded('an upgrade', upgraded));
    this.#servers.push(server);
  }

  /** Accepts no connection any more and ends those without a live client; resolves once no connection is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.splice(0).map(async (server) => {
      server.close();
      // A command that waits for a container to stop would hold its connection, and this, for minutes.
      server.closeAllConnections();
      await once(server, 'close');
    });
    await Promise.all(closed);
  }
}

function isLive({ url }: IncomingMessage): boolean {
  return url?.startsWith(LIVE_PATH) === true;
}
