import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { logFaultsWith } from '@plimsoll/core/guarded';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { containerRecord, RUNNING } from './container-record.fixture.ts';
import { SupervisorLink } from './supervisor-link.ts';

const ID = 'aaaa000000000000';

let directory: string;
let path: string;
let server: Server;
let peers: Socket[];
/** What the other side does with a request; subscriptions it answers by itself. */
let respond: (peer: Socket, id: number, verb: string) => void;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-link-'));
  path = join(directory, 'supervisor.sock');
  peers = [];
  server = createServer((peer) => {
    peers.push(peer);
    createInterface({ input: peer }).on('line', (line) => {
      const { id, verb } = JSON.parse(line) as { id: number; verb: string };
      const records = [containerRecord(ID, 'one')];
      if (verb !== 'subscribe') return respond(peer, id, verb);
      send(peer, { id, ok: true, result: { pid: 1, version: '1', groups: [], records, incidents: [] } });
    });
  });
  await listen();
});
afterEach(async () => {
  hangUp();
  await rm(directory, { recursive: true });
});

const send = (peer: Socket, ...messages: object[]): void =>
  void peer.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));

async function listen(): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}

function hangUp(): void {
  server.close();
  for (const peer of peers.splice(0)) peer.destroy();
}

async function connected(): Promise<SupervisorLink> {
  const link = new SupervisorLink(path);
  link.open();
  await once(link, 'connected');
  return link;
}

test('events and answers are told of in the order in which they came', async () => {
  using link = await connected();
  const seen: string[] = [];
  link.on('container', ({ state }) => seen.push(state.status)).on('removed', () => seen.push('removed'));
  const record = containerRecord(ID, 'one', { state: RUNNING });
  respond = (peer, id) =>
    send(peer, { event: 'container', record }, { id, ok: true, result: record }, { event: 'removed', id: ID });
  expect(await link.request('start', { id: ID }, 1000)).toMatchObject({ state: RUNNING });
  expect(seen).toEqual(['running', 'removed']);
});

test('an error keeps its code and what to do next', async () => {
  using link = await connected();
  respond = (peer, id) =>
    send(peer, { id, ok: false, error: { code: 'wrong-state', message: 'it has ended', hint: 'look first' } });
  await expect(link.request('freeze', { id: ID }, 1000)).rejects.toMatchObject({ code: 'wrong-state', hint: 'look first' });
});

test('no answer is an error in the end, and a late one harms nobody', async () => {
  using link = await connected();
  const asked = Promise.withResolvers<[Socket, number]>();
  respond = (peer, id, verb) => (verb === 'freeze' ? asked.resolve([peer, id]) : send(peer, { id, ok: true, result: {} }));
  await expect(link.request('freeze', { id: ID }, 20)).rejects.toMatchObject({ code: 'deadline-exceeded' });
  const [peer, id] = await asked.promise;
  send(peer, { id, ok: true, result: {} });
  await expect(link.request('remove', { id: ID, force: false }, 1000)).resolves.toEqual({});
});

test('an answer of an unknown shape is refused', async () => {
  using link = await connected();
  respond = (peer, id) => send(peer, { id, ok: true, result: { stopped: 'many' } });
  await expect(link.request('shutdown', {}, 1000)).rejects.toThrow(/unknown shape/);
});

test('while the supervisor is away requests fail at once, and it is found again', async () => {
  using link = await connected();
  respond = () => hangUp();
  const gone = once(link, 'disconnected');
  await expect(link.request('freeze', { id: ID }, 1000)).rejects.toMatchObject({ code: 'unavailable' });
  await gone;
  await expect(link.request('freeze', { id: ID }, 1000)).rejects.toMatchObject({ code: 'unavailable' });
  const again = once(link, 'connected');
  await listen();
  expect(await again).toMatchObject([{ records: [{ id: ID }] }]);
});

test('a peer that does not speak the protocol is left, and tried again', async () => {
  using link = await connected();
  const gone = once(link, 'disconnected');
  const again = once(link, 'connected');
  for (const peer of peers) peer.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  expect(await gone).toEqual([expect.stringContaining('JSON')]);
  await again;
});

test('what listens and gives no connection is reported once for each reason, a supervisor that is away is not', async () => {
  using link = new SupervisorLink(join(directory, 'other.sock'));
  const reported: string[] = [];
  link.on('unreachable', (reason) => reported.push(reason));
  link.open();
  await expect.poll(() => link.whyNotConnected, { timeout: 30_000 }).toContain('ENOENT');
  const attempts: Socket[] = [];
  const other = createServer((peer) => {
    attempts.push(peer);
    // The other side closes it at once.
    peer.on('error', () => {});
    peer.end('no JSON\n');
  }).listen(join(directory, 'other.sock'));
  onTestFinished(() => void other.close());
  await expect.poll(() => attempts.length, { timeout: 30_000 }).toBeGreaterThan(2);
  expect(reported).toEqual([expect.stringContaining('JSON')]);
  expect(link.whyNotConnected).toContain('JSON');
});

test('a listener that throws costs neither the connection nor the other listeners', async () => {
  const faults: string[] = [];
  logFaultsWith((what) => faults.push(what));
  onTestFinished(() => logFaultsWith(() => {}));
  using link = await connected();
  const seen: string[] = [];
  // As stat(2) of a process that has just ended fails.
  link.on('container', () => {
    throw Object.assign(new Error("EACCES: permission denied, stat '/proc/2805/ns/net'"), { code: 'EACCES' });
  });
  link.on('container', ({ id }) => seen.push(id)).on('disconnected', (reason) => seen.push(reason));
  const record = containerRecord(ID, 'one', { state: RUNNING });
  respond = (peer, id) => send(peer, { event: 'container', record }, { id, ok: true, result: record });
  expect(await link.request('start', { id: ID }, 1000)).toMatchObject({ state: RUNNING });
  expect([seen, link.connected, faults.length]).toEqual([[ID], true, 1]);
});

test('a command with a request id is sent again behind a lost connection, and waits for a supervisor that is away', async () => {
  using link = await connected();
  const record = containerRecord(ID, 'one', { state: RUNNING });
  const received: unknown[] = [];
  respond = (_, ...message) => {
    received.push(message);
    hangUp();
  };
  const started = link.request('start', { id: ID }, 60_000, { id: 'one', digest: 'd'.repeat(32) });
  await once(link, 'disconnected');
  respond = (peer, id, verb) => {
    received.push([id, verb]);
    send(peer, { id, ok: true, result: record });
  };
  await listen();
  expect(await started).toMatchObject({ state: RUNNING });
  expect(received).toHaveLength(2);
});
