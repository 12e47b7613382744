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

it('a flood of made-up sessions reaches the agent with a few, and keeps nobody out', async () => {
  await using web = await WebFixture.open();
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
  await expect.poll(async () => await web.connections(), { timeout: 30_000 }).toBeLessThan(10);
});

it('answers a flood of sign-ins with 429', async () => {
  await using web = await WebFixture.open();
  const statuses = new Set<number | undefined>();
  for (let i = 0; i < 500; i++) statuses.add((await web.ask(`/sign-in?token=bad${i}`)).status);
  expect(statuses).toEqual(new Set([303, 429]));
});
