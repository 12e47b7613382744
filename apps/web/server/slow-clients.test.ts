import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebFixture } from './web-server.fixture.ts';

const QUICK = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20, idleMs: 400, unproven: 20 };

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

async function connections(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  web.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  return await promise;
}

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

it('past the limit the oldest of those without a session makes room', async () => {
  const live = web.upgrade('/socket.io/', { cookie: web.cookie, origin: web.origin });
  const [, kept] = (await once(live, 'upgrade')) as [unknown, Socket];
  sockets.push(kept);
  for (let i = 0; i < 60; i++) await once(open(), 'connect');
  expect((await web.ask('/sign-in')).status).toBe(200);
  expect(await connections()).toBeLessThanOrEqual(22);
  kept.write('still there');
  for (let text = ''; !text.includes('still there');) text += String((await once(kept, 'data'))[0]);
});

it('a flood of made-up sessions reaches the agent with a few, and keeps nobody out', async () => {
  const known = async (): Promise<number | undefined> =>
    (await web.ask('/containers', { headers: { cookie: web.cookie } })).status;
  expect(await known()).toBe(200);
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 1000; i++) {
    const cookie = `plimsoll_session_${web.port}=${String(i).padStart(43, 'x')}`;
    const [response] = (await once(web.upgrade('/socket.io/', { cookie, origin: web.origin }), 'response')) as [IncomingMessage];
    response.resume();
    statuses.push(response.statusCode);
  }
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  // Sixty, and those that time has made good.
  expect(web.asked.length).toBeLessThan(500);
  const flooding = { cookie: `plimsoll_session_${web.port}=${'y'.repeat(43)}`, origin: web.origin };
  expect([401, 429]).toContain((await web.ask('/socket.io/?EIO=4', { headers: flooding })).status);
  expect(await known()).toBe(200);
  expect((await web.ask('/sign-in?token=good')).status).toBe(303);
  await expect.poll(connections, PATIENT).toBeLessThan(10);
});

it('answers a flood of sign-ins with 429', async () => {
  const statuses = new Set<number | undefined>();
  for (let i = 0; i < 500; i++) statuses.add((await web.ask(`/sign-in?token=bad${i}`)).status);
  expect(statuses).toEqual(new Set([303, 429]));
});
