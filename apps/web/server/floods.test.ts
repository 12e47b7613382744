import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { WebFixture } from './web-server.fixture.ts';
import { LIMITS } from './web-server.ts';

it('past the limit the oldest of those without a session makes room', async () => {
  await using web = await WebFixture.open({}, { ...LIMITS, unproven: 20 });
  using sockets = new DisposableStack();
  const live = web.upgrade('/socket.io/', { cookie: web.cookie, origin: web.origin });
  const [, kept] = (await once(live, 'upgrade')) as [unknown, Socket];
  sockets.defer(() => kept.destroy());
  for (let i = 0; i < 60; i++) {
    const socket = connect({ host: '127.0.0.1', port: web.port }).on('error', () => {});
    sockets.defer(() => socket.destroy());
    await once(socket, 'connect');
  }
  expect((await web.ask('/sign-in')).status).toBe(200);
  expect(await web.connections()).toBeLessThanOrEqual(22);
  kept.write('still there');
  for (let text = ''; !text.includes('still there');) text += String((await once(kept, 'data'))[0]);
});

async function upgradeStatus(web: WebFixture, cookie: string): Promise<number | undefined> {
  const [response] = (await once(web.upgrade('/socket.io/', { cookie, origin: web.origin }), 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

it('a flood of made-up sessions is checked in part, and keeps nobody out', async () => {
  await using web = await WebFixture.open();
  const known = async (): Promise<number | undefined> =>
    (await web.ask('/containers', { headers: { cookie: web.cookie } })).status;
  expect(await known()).toBe(200);
  const cookies = Array.from({ length: 1000 }, (_, i) => `plimsoll_session_${web.port}=${String(i).padStart(43, 'x')}`);
  const flood = Promise.all(cookies.map(async (cookie) => await upgradeStatus(web, cookie)));
  expect(await known()).toBe(200);
  expect((await web.ask('/sign-in?token=good')).status).toBe(303);
  const statuses = await flood;
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  const checks = web.asked.filter((asked) => asked === 'GET /v1/sessions');
  expect(checks).toHaveLength(statuses.filter((status) => status === 401).length + 1);
  await expect.poll(async () => await web.connections(), { timeout: 30_000 }).toBeLessThan(10);
});

it('after some bad sign-ins a good one has to wait, no more', async () => {
  await using web = await WebFixture.open();
  const bad = Array.from({ length: 100 }, async (_, i) => (await web.ask(`/sign-in?token=bad${i}`)).status);
  expect(new Set(await Promise.all(bad))).toEqual(new Set([303]));
  expect((await web.ask('/sign-in?token=good')).headers).toHaveProperty('set-cookie');
});

it('answers a flood of sign-ins with 429', async () => {
  await using web = await WebFixture.open();
  const flood = Array.from({ length: 1000 }, async (_, i) => expect((await web.ask(`/sign-in?token=bad${i}`)).status).toBe(429));
  await Promise.any(flood);
});
