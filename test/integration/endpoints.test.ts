import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { BlockList, connect as connectSocket, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../apps/web/server/web-server.ts';
import { newSession } from '../support/session.ts';
import { openSocketIo, post } from '../support/wire.ts';
import { World } from '../support/world.ts';

let world: World;
let web: Server;
let token: string;
let session: string;

beforeAll(async () => {
  world = await World.shared();
  token = readFileSync(world.state.localToken, 'utf8').trim();
  session = await newSession(world);
  const pages = Promise.resolve(async () => await Promise.reject(new Error('no page')));
  const configuration = {
    agentSocket: world.state.webSocket,
    port: 0,
    uid: null,
    hosts: [],
    command: 'plimsoll',
    proxies: new BlockList(),
    basePath: '',
  };
  ({ server: web } = await listen(configuration, pages));
});
afterAll(() => {
  web.close();
  web.closeAllConnections();
});

const LIVE = '/socket.io/?EIO=4&transport=websocket';
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-version': '13',
};

/** The answer's status, 101 for a WebSocket that is opened and closed again, once the connection has ended. */
async function status(options: RequestOptions): Promise<number | undefined> {
  const outgoing = request({ agent: false, ...options });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  outgoing.on('error', reject).on('upgrade', ({ statusCode }, socket) => {
    socket.destroy();
    resolve(statusCode);
  });
  outgoing.on('response', (response: IncomingMessage) => {
    text(response).then(() => resolve(response.statusCode), reject);
  });
  outgoing.end();
  return await promise;
}

const bearer = (of: string) => ({ authorization: `Bearer ${of}` });

describe("on root's socket", () => {
  const socketPath = () => world.state.agentSocket;

  test('the local token is good: as Bearer, for metrics, and over socket.io', async () => {
    expect((await post(socketPath(), '/v1/command', '{"verb":"container.list","args":{}}', bearer(token)))?.status).toBe(200);
    expect(await status({ socketPath: socketPath(), path: '/metrics', headers: bearer(token) })).toBe(200);
    const socket = await openSocketIo(socketPath(), token);
    socket.close();
  });

  test('nobody says where a browser is', async () => {
    const headers = { ...bearer(session), 'x-forwarded-for': '192.0.2.77' };
    await post(socketPath(), '/v1/command', '{"verb":"host.shutdown","args":{}}', headers);
    const events = await (await world.client()).command('event.list', { text: '192.0.2.77' });
    expect(events.events).toEqual([]);
  });
});

describe("on the web process's socket", () => {
  const socketPath = () => world.state.webSocket;

  test('the local token is refused: as Bearer, for metrics, logs and usage, and over socket.io in every way', async () => {
    const body = '{"verb":"container.list","args":{}}';
    expect((await post(socketPath(), '/v1/command', body, bearer(token)))?.status).toBe(401);
    expect((await post(socketPath(), '/v1/sessions', JSON.stringify({ token })))?.status).toBe(401);
    for (const path of [
      '/metrics',
      '/v1/logs?container=x',
      '/v1/allocation?window=today',
      '/socket.io/?EIO=4&transport=polling',
    ]) {
      expect(await status({ socketPath: socketPath(), path, headers: bearer(token) }), path).toBe(401);
    }
    expect(await status({ socketPath: socketPath(), path: LIVE, headers: { ...UPGRADE, ...bearer(token) } })).toBe(401);
    await expect(openSocketIo(socketPath(), token)).rejects.toThrow(/websocket error/);
    await expect(openSocketIo(socketPath(), token, bearer(session))).resolves.toMatchObject({ connected: true });
  });

  test('the local token in the handshake does not make a session root', async () => {
    const socket = await openSocketIo(socketPath(), token, bearer(session));
    const answer: unknown = await socket.timeout(30_000).emitWithAck('command', { verb: 'session.invite', args: {} });
    expect(answer).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    socket.close();
  });

  test('a session is good, for nothing that is for root', async () => {
    expect((await post(socketPath(), '/v1/command', '{"verb":"container.list","args":{}}', bearer(session)))?.status).toBe(200);
    expect(await status({ socketPath: socketPath(), path: '/v1/logs?container=x', headers: bearer(session) })).toBe(403);
    expect(await status({ socketPath: socketPath(), path: LIVE, headers: { ...UPGRADE, ...bearer(session) } })).toBe(101);
  });

  test('a refused upgrade is closed, also where its client does not close it', async () => {
    for (const path of [LIVE, '/nothing', '/v1/command']) {
      const socket = connectSocket({ path: socketPath(), allowHalfOpen: true });
      socket.on('error', () => {});
      const ended = once(socket, 'end');
      socket.resume().write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      await ended;
      // Of a socket that is closed at the other end the next write fails.
      const closed = new Promise((resolve) => socket.on('close', resolve));
      const writing = setInterval(() => socket.write('x'), 10);
      await closed;
      clearInterval(writing);
      expect(socket.destroyed).toBe(true);
    }
  });
});

describe('through the web port', () => {
  const port = () => (web.address() as AddressInfo).port;
  const asked = (path: string, of: string, headers: Record<string, string> = {}) => ({
    host: '127.0.0.1',
    port: port(),
    path,
    headers: { origin: `http://127.0.0.1:${port()}`, cookie: `plimsoll_session_${port()}=${of}`, ...headers },
  });
  const polling = '/socket.io/?EIO=4&transport=polling';

  // What the token was like before it had a prefix, of which a state root may still have one.
  test.each([
    ['as it is', () => token],
    ['without its prefix', () => token.replace('local.', '')],
    ['in quotes', () => `"${token}"`],
  ])('the local token is no cookie: %s', async (_, cookie) => {
    expect(await status(asked(polling, cookie()))).toBe(401);
    expect(await status(asked(LIVE, cookie(), UPGRADE))).toBe(401);
    expect(await status(asked(polling, 'x'.repeat(43), bearer(token)))).toBe(401);
    expect(await status(asked(LIVE, 'x'.repeat(43), { ...UPGRADE, ...bearer(token) }))).toBe(401);
  });

  test('a session is one', async () => {
    expect(await status(asked(polling, session))).toBe(200);
    expect(await status(asked(LIVE, session, UPGRADE))).toBe(101);
  });

  test('the local token in the handshake does not make a session root', async () => {
    const socket = await openSocketIo({ port: port() }, token, asked('', session).headers);
    const answer: unknown = await socket.timeout(30_000).emitWithAck('command', { verb: 'session.invite', args: {} });
    expect(answer).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    socket.close();
  });
});

/** A client that connects and never joins keeps its connection for ten seconds. */
test('a connection that has not joined is ended without the help of its client', async () => {
  const outgoing = request({ socketPath: world.state.agentSocket, path: LIVE, headers: UPGRADE, agent: false });
  outgoing.end();
  const [, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket];
  const received: Buffer[] = [];
  socket.on('error', () => {}).on('data', (chunk: Buffer) => received.push(chunk));
  await once(socket, 'end');
  // A close frame (RFC 6455, 5.5.1) would leave it to the client when the connection ends.
  expect(Buffer.concat(received).includes(0x88)).toBe(false);
});
