import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseProxies } from './client.ts';
import { SESSION, WebFixture } from './web-server.fixture.ts';

let web: WebFixture;
beforeAll(async () => {
  web = await WebFixture.open();
});
afterAll(async () => await web[Symbol.asyncDispose]());

it('is healthy without a session, and says nothing else', async () => {
  expect(await web.ask('/health')).toMatchObject({ status: 200, text: 'ok\n' });
  expect((await web.ask('/socket.io/?EIO=4')).status).toBe(401);
  expect(await web.ask('/containers')).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
  expect((await web.ask('/sign-in')).status).toBe(200);
});

it('turns a token into a cookie, and takes it out of the URL', async () => {
  const { status, headers } = await web.ask('/sign-in?token=good');
  expect([status, headers.location]).toEqual([303, '/']);
  expect(headers['set-cookie']?.[0]).toMatch(
    new RegExp(`^plimsoll_session_${web.port}=${SESSION}; Path=/; HttpOnly; SameSite=Strict; `),
  );
  expect((await web.ask('/sign-in?token=good', { method: 'HEAD' })).headers).not.toHaveProperty('set-cookie');
  expect(await web.ask('/sign-in?token=early')).toMatchObject({
    status: 303,
    headers: { location: '/sign-in?problem=agent-away' },
  });
  expect(await web.ask('/sign-in?token=bad')).toMatchObject({ status: 303, headers: { location: '/sign-in?problem=bad-token' } });
});

it('gives the cookie a way round a redirect that began on another site', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  expect(await web.ask('/sign-in?token=good', { headers })).toMatchObject({ status: 200, headers: { refresh: '0;url=/' } });
});

it('passes requests on with the session instead of cookies', async () => {
  const headers = { cookie: web.cookie, authorization: 'Bearer mine', origin: web.origin, 'content-type': 'text/plain' };
  const answer = await web.ask('/socket.io/?EIO=4&sid=x', { method: 'POST', headers, body: 'payload' });
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
  const headers = { cookie: web.cookie, authorization: 'Bearer mine', 'content-security-policy': "script-src 'nonce-mine'" };
  const answer = await web.ask('/containers', { headers });
  const seen = JSON.parse(answer.text) as { headers: Record<string, string> };
  expect(seen.headers['authorization']).toBe(`Bearer ${SESSION}`);
  expect(seen.headers['content-security-policy']).toBe(answer.headers['content-security-policy']);
  const other = await web.ask('/containers', { headers });
  expect(other.headers['content-security-policy']).not.toBe(answer.headers['content-security-policy']);
});

it('refuses what comes from elsewhere', async () => {
  expect((await web.ask('/containers', { headers: { host: 'evil.example' } })).status).toBe(403);
  expect(
    (await web.ask('/sign-out', { method: 'POST', headers: { cookie: web.cookie, origin: 'http://evil.example' } })).status,
  ).toBe(403);
  expect((await web.ask('/sign-out', { method: 'POST', headers: { cookie: web.cookie } })).status).toBe(403);
  expect((await web.ask('//', {})).status).toBe(400);
  expect((await web.ask('/containers', { method: 'PUT', headers: { cookie: web.cookie, origin: web.origin } })).status).toBe(405);
});

it('takes no host from a proxy, also where that is trusted', async () => {
  await using proxied = await WebFixture.open({ proxies: parseProxies('PLIMSOLL_PROXIES', '127.0.0.1') });
  const headers = { host: 'evil.example', 'x-forwarded-host': `127.0.0.1:${proxied.port}`, cookie: proxied.cookie };
  expect((await proxied.ask('/containers', { headers })).status).toBe(403);
});

it('takes a session for good only where the agent does', async () => {
  const cookie = `plimsoll_session_${web.port}=${'x'.repeat(43)}`;
  expect(await web.ask('/containers', { headers: { cookie } })).toMatchObject({
    status: 303,
    headers: { location: '/sign-in?problem=expired' },
  });
  expect((await web.ask('/socket.io/?EIO=4', { headers: { cookie } })).status).toBe(401);
  const [response] = (await once(web.upgrade('/socket.io/', { cookie, origin: web.origin }), 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(401);
});

it('signs out', async () => {
  const { status, headers } = await web.ask('/sign-out', { method: 'POST', headers: { cookie: web.cookie, origin: web.origin } });
  expect([status, headers.location]).toEqual([303, '/sign-in?problem=signed-out']);
  expect(headers['set-cookie']?.[0]).toContain('Expires=Thu, 01 Jan 1970');
});

it('passes a WebSocket on, both ways', async () => {
  const outgoing = web.upgrade('/socket.io/?transport=websocket', { cookie: web.cookie, origin: web.origin });
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
  [403, '/socket.io/', () => ({ cookie: web.cookie, origin: 'http://evil.example' })],
  [403, '/socket.io/', () => ({ cookie: web.cookie })],
  [401, '/socket.io/', () => ({ origin: web.origin })],
  [404, '/containers', () => ({ cookie: web.cookie, origin: web.origin })],
  [404, '//', () => ({ cookie: web.cookie, origin: web.origin })],
])('refuses an upgrade with %d at %s', async (status, path, headers) => {
  const [response] = (await once(web.upgrade(path, headers()), 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(status);
});
