import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type RequestOptions, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from './web-server.ts';

const SESSION = 's'.repeat(43);
const directory = mkdtempSync(join(tmpdir(), 'plimsoll-web-'));
const agentSocket = join(directory, 'agent.sock');
let agent: Server;
let web: { server: Server; port: number };

/** Answers with what it was asked, as an agent whose only good token is "good". */
async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  response.setHeader('set-cookie', 'agent=1');
  if (incoming.url !== '/v1/sessions' || incoming.method !== 'POST') {
    response.end(JSON.stringify({ url: incoming.url, headers: incoming.headers, body }));
    return;
  }
  const good = (JSON.parse(body) as { token: string }).token === 'good';
  response.writeHead(good ? 200 : 401);
  response.end(JSON.stringify(good ? { session: SESSION, expiresAt: '2100-01-01T00:00:00.000Z' } : { ok: false }));
}

beforeAll(async () => {
  agent = createServer((incoming, response) => void answer(incoming, response));
  agent.on('upgrade', (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${incoming.headers.authorization}\n`,
    );
    socket.pipe(socket);
  });
  agent.listen(agentSocket);
  await once(agent, 'listening');
  const pages = Promise.resolve(async (incoming: IncomingMessage, response: { end(text: string): void }) => {
    await Promise.resolve();
    response.end(JSON.stringify({ page: incoming.url, headers: incoming.headers }));
  });
  web = await listen({ agentSocket, port: 0, uid: null, hosts: [], command: 'npx plimsoll' }, pages);
});

afterAll(() => {
  for (const server of [web.server, agent]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(directory, { recursive: true });
});

const cookie = () => `plimsoll_session_${web.port}=${SESSION}`;
const origin = () => `http://127.0.0.1:${web.port}`;

async function ask(path: string, { body = '', ...options }: RequestOptions & { body?: string } = {}) {
  const outgoing = request({ host: '127.0.0.1', port: web.port, path, ...options });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}

it('is healthy without a session, and says nothing else', async () => {
  expect(await ask('/health')).toMatchObject({ status: 200, text: 'ok\n' });
  expect((await ask('/socket.io/?EIO=4')).status).toBe(401);
  expect(await ask('/containers')).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
  expect((await ask('/sign-in')).status).toBe(200);
});

it('turns a token into a cookie, and takes it out of the URL', async () => {
  const { status, headers } = await ask('/sign-in?token=good');
  expect([status, headers.location]).toEqual([303, '/']);
  expect(headers['set-cookie']?.[0]).toMatch(
    new RegExp(`^plimsoll_session_${web.port}=${SESSION}; Path=/; HttpOnly; SameSite=Strict; `),
  );
  expect((await ask('/sign-in?token=good', { method: 'HEAD' })).headers).not.toHaveProperty('set-cookie');
  expect(await ask('/sign-in?token=bad')).toMatchObject({ status: 303, headers: { location: '/sign-in?problem=bad-token' } });
});

it('gives the cookie a way round a redirect that began on another site', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  expect(await ask('/sign-in?token=good', { headers })).toMatchObject({ status: 200, headers: { refresh: '0;url=/' } });
});

it('passes requests on with the session instead of cookies', async () => {
  const headers = { cookie: cookie(), authorization: 'Bearer mine', origin: origin(), 'content-type': 'text/plain' };
  const answer = await ask('/socket.io/?EIO=4&sid=x', { method: 'POST', headers, body: 'payload' });
  const seen = JSON.parse(answer.text) as { url: string; headers: Record<string, string>; body: string };
  expect(seen).toMatchObject({
    url: '/socket.io/?EIO=4&sid=x',
    body: 'payload',
    headers: { authorization: `Bearer ${SESSION}` },
  });
  expect(seen.headers).not.toHaveProperty('cookie');
  expect(answer.headers).not.toHaveProperty('set-cookie');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
});

it('gives pages the session and the nonce, whatever the browser sent', async () => {
  const headers = { cookie: cookie(), authorization: 'Bearer mine', 'content-security-policy': "script-src 'nonce-mine'" };
  const answer = await ask('/containers', { headers });
  const seen = JSON.parse(answer.text) as { headers: Record<string, string> };
  expect(seen.headers['authorization']).toBe(`Bearer ${SESSION}`);
  expect(seen.headers['content-security-policy']).toBe(answer.headers['content-security-policy']);
  const other = await ask('/containers', { headers });
  expect(other.headers['content-security-policy']).not.toBe(answer.headers['content-security-policy']);
});

it('refuses what comes from elsewhere', async () => {
  expect((await ask('/containers', { headers: { host: 'evil.example' } })).status).toBe(403);
  expect((await ask('/sign-out', { method: 'POST', headers: { cookie: cookie(), origin: 'http://evil.example' } })).status).toBe(
    403,
  );
  expect((await ask('/sign-out', { method: 'POST', headers: { cookie: cookie() } })).status).toBe(403);
  expect((await ask('//', {})).status).toBe(400);
  expect((await ask('/containers', { method: 'PUT', headers: { cookie: cookie(), origin: origin() } })).status).toBe(405);
});

it('signs out', async () => {
  const { status, headers } = await ask('/sign-out', { method: 'POST', headers: { cookie: cookie(), origin: origin() } });
  expect([status, headers.location]).toEqual([303, '/sign-in?problem=signed-out']);
  expect(headers['set-cookie']?.[0]).toContain('Expires=Thu, 01 Jan 1970');
});

function upgrade(path: string, headers: Record<string, string>) {
  const all = { connection: 'Upgrade', upgrade: 'websocket', ...headers };
  const outgoing = request({ host: '127.0.0.1', port: web.port, path, headers: all });
  outgoing.end();
  return outgoing;
}

it('passes a WebSocket on, both ways', async () => {
  const outgoing = upgrade('/socket.io/?transport=websocket', { cookie: cookie(), origin: origin() });
  const [, socket, head] = (await once(outgoing, 'upgrade')) as [unknown, Socket, Buffer];
  let text = head.toString();
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  if (text === '') await once(socket, 'data');
  expect(text).toBe(`Bearer ${SESSION}\n`);
  socket.write('ping');
  await once(socket, 'data');
  expect(text).toBe(`Bearer ${SESSION}\nping`);
  socket.destroy();
});

it.each<[number, string, () => Record<string, string>]>([
  [403, '/socket.io/', () => ({ cookie: cookie(), origin: 'http://evil.example' })],
  [403, '/socket.io/', () => ({ cookie: cookie() })],
  [401, '/socket.io/', () => ({ origin: origin() })],
  [404, '/containers', () => ({ cookie: cookie(), origin: origin() })],
  [404, '//', () => ({ cookie: cookie(), origin: origin() })],
])('refuses an upgrade with %d at %s', async (status, path, headers) => {
  const [response] = (await once(upgrade(path, headers()), 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(status);
});
