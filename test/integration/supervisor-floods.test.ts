import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { PlimsollError } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

const pid = (): number => world.supervisor?.pid ?? 0;
const residentBytes = (): number => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid()}/status`, 'latin1'))?.[1]);

async function connected(): Promise<Socket> {
  const socket = createConnection(world.state.supervisorSocket);
  socket.on('error', () => {});
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

test('without descriptors new work is refused, and the rest goes on', async () => {
  const open = readdirSync(`/proc/${pid()}/fd`).length;
  const first = await world.run(['sleep', 'infinity']);
  const limit = (most: number | string) => execFileSync('prlimit', ['--pid', String(pid()), `--nofile=${most}:`]);
  const before = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid()}/limits`, 'latin1'))?.[1] ?? '';
  limit(open + 200);
  let refused: unknown = null;
  const started: string[] = [];
  while (refused === null && started.length < 60) {
    await world.run(['sleep', 'infinity']).then(
      ({ id }) => started.push(id),
      (error: unknown) => (refused = error),
    );
  }
  expect(refused).toBeInstanceOf(PlimsollError);
  expect(refused).toMatchObject({ code: 'too-many' });
  expect(started.length).toBeGreaterThan(0);
  expect((await world.record(first.id))?.state.status).toBe('running');
  for (const id of started) await world.link.request('remove', { id, force: true }, REQUEST_DEADLINE_MS);
  expect((await world.run(['sleep', 'infinity'])).state.status).toBe('running');
  limit(before);
});

/** What the supervisor holds is bounded (request-lines.test.ts). This is that, and what its garbage collector leaves for later. */
const MOST_GROWTH_BYTES = 450 * MEBIBYTE;

test('connections that never end a line take little memory, and others are answered', async () => {
  const before = residentBytes();
  const sockets = await Promise.all(Array.from({ length: 200 }, connected));
  for (const socket of sockets) socket.write(Buffer.alloc(3 * MEBIBYTE, 'x'));
  for (let i = 0; i < 5; i++) expect((await world.run(['true'])).id).toMatch(/^[0-9a-f]+$/);
  await Promise.all(
    sockets.map(
      async (socket) =>
        socket.closed || socket.writableLength === 0 || (await Promise.race([once(socket, 'drain'), once(socket, 'close')])),
    ),
  );
  expect(residentBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
  for (const socket of sockets) socket.destroy();
});

test('a hundred thousand requests at once hold up nobody else', async () => {
  const socket = await connected();
  socket.resume();
  const request = `${JSON.stringify({ id: 1, verb: 'ledgerRecords', args: { after: 0, most: 1 } })}\n`;
  socket.write(request.repeat(100_000));
  expect((await world.run(['true'])).id).toMatch(/^[0-9a-f]+$/);
  socket.destroy();
  expect(residentBytes()).toBeLessThan(600 * MEBIBYTE);
});
