import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { logFault } from '@plimsoll/core/guarded';
import { ERRORS, PlimsollError } from '@plimsoll/protocol';
import { isSameOrigin } from '../access/gatekeeper.ts';
import { toErrorBody } from '../commands/dispatcher.ts';
import { log } from '../log.ts';
import { CONTENT_TYPE } from './exposition.ts';
import type { LoopbackAddress } from './loopback-address.ts';

/** A root process answers here to whoever may connect: little, and to few at once. */
const LIMITS = { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 };
const MOST_CONNECTIONS = 16;
/** Who neither sends nor takes anything makes room for others. */
const IDLE_MS = 10_000;

/** Serves GET /metrics over TCP without a token. Throws `conflict` where the port is taken. */
export async function listenForScrapes(
  { host, port }: LoopbackAddress,
  metrics: () => Promise<string>,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(LIMITS);
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(IDLE_MS);
  server.listen({ host, port });
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new PlimsollError('conflict', `PLIMSOLL_METRICS: port ${port} of ${host} is taken`, { hint: 'Choose another port.' });
  });
  const bound = (server.address() as AddressInfo).port;
  const named = (name: string) => `${isIPv6(name) ? `[${name}]` : name}:${bound}`;
  const hosts = new Set([named(host), named('localhost')]);
  server.on('error', (error) => logFault('the socket of metrics', error));
  server.on('request', (request, response) => {
    answer(request, hosts, metrics)
      .catch((error: unknown) => {
        const { code, message } = toErrorBody(error);
        return { status: ERRORS[code].status, text: `${message}\n` };
      })
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy());
  });
  const url = `http://${named(host)}/metrics`;
  log('info', 'Prometheus may scrape', { url });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Reply {
  status: number;
  text: string;
  allow?: string;
}

/** A page in a browser of this host reaches loopback too: by another name that was rebound to it, or as a request across origins. */
async function answer(request: IncomingMessage, hosts: ReadonlySet<string>, metrics: () => Promise<string>): Promise<Reply> {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host.toLowerCase())) {
    return { status: 403, text: `Nothing here answers to that host name. Ask for ${[...hosts].join(' or ')}.\n` };
  }
  if (!isSameOrigin(origin, host)) return { status: 403, text: 'A page of another origin may not do this.\n' };
  if (request.url?.split('?', 1)[0] !== '/metrics') return { status: 404, text: 'There is /metrics, and nothing else.\n' };
  if (request.method !== 'GET') return { status: 405, text: 'Use GET.\n', allow: 'GET' };
  return { status: 200, text: await metrics() };
}

function send(request: IncomingMessage, response: ServerResponse, { status, text, allow }: Reply): void {
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(allow !== undefined && { allow }),
    // The rest of a body that was not read to its end must not be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(text);
}
