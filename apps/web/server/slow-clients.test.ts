import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebFixture } from './web-server.fixture.ts';

const QUICK = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20, idleMs: 400 };

const PATIENT = { timeout: 30_000 };

let web: WebFixture;
const sockets: Socket[] = [];
beforeEach(async () => {
  web = await WebFixture.open({}, QUICK);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await web[Symbol.asyncDispose]();
});

/** A client that never ends its own half. */
function open(): Socket {
  const socket = connect({ host: '127.0.0.1', port: web.port, allowHalfOpen: true });
  sockets.push(socket);
  return socket.on('error', () => {});
}

const connections = async (): Promise<number> => await web.connections();

const head = (): string => `Host: 127.0.0.1:${web.port}\r\nOrigin: ${web.origin}\r\nCookie: ${web.cookie}\r\n`;
const upgrade = (path: string, cookie: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\nOrigin: ${web.origin}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

describe('a connection is ended, whatever its client does', () => {
  it.each<[string, () => string]>([
    ['that sends nothing', () => ''],
    ['that sends its headers slowly', () => 'GET / HTTP/1.1\r\nHost:'],
    ['that sends its body slowly', () => `POST /socket.io/?EIO=4 HTTP/1.1\r\n${head()}Content-Length: 100\r\n\r\nx`],
    ['that sends a body to a path that takes none', () => `POST /sign-out HTTP/1.1\r\n${head()}Content-Length: 100\r\n\r\nx`],
    ['that stays idle after a request', () => `GET /health HTTP/1.1\r\n${head()}\r\n`],
    ['whose upgrade is refused for its path', () => upgrade('/nothing', web.cookie)],
    ['whose upgrade is refused for its session', () => upgrade('/socket.io/', `plimsoll_session_${web.port}=${'x'.repeat(43)}`)],
    ['that is silent after its upgrade', () => upgrade('/socket.io/', web.cookie)],
  ])('%s', async (_, bytes) => {
    const socket = open().resume();
    socket.write(bytes());
    await once(socket, 'end');
    await expect.poll(connections, PATIENT).toBe(0);
  });

  it('that ends its half after its upgrade', async () => {
    const socket = open();
    socket.write(upgrade('/socket.io/', web.cookie));
    await once(socket, 'data');
    socket.resume().end();
    await once(socket, 'end');
    await expect.poll(connections, PATIENT).toBe(0);
  });
});
