import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoverCgroupLayout } from '@plimsoll/core';
import { COLUMNS, decodeSamples, EVENTS, PlimsollError, type Answer, type LogChunk, type LoggedEvent } from '@plimsoll/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentClient } from '../../client/agent-client.ts';
import { AgentRequests } from '../../client/agent-requests.ts';
import { connect } from '../../client/connect.ts';
import { stateRoot, type StateRoot } from '../../state-root.ts';
import { Gatekeeper } from '../access/gatekeeper.ts';
import { readOrMakeLocalToken } from '../access/local-token.ts';
import { Sessions } from '../access/sessions.ts';
import { Dispatcher, type Handlers } from '../commands/dispatcher.ts';
import { sessionHandlers } from '../commands/sessions.ts';
import { containerRecord, groupRecord, RUNNING } from '../container-record.fixture.ts';
import { HostCgroups } from '../kernel/host-cgroups.ts';
import { KernelWatch } from '../kernel/kernel-watch.ts';
import { Incidents } from '../incidents.ts';
import { ContainerLogs } from '../logs/container-logs.ts';
import { Registry } from '../registry.ts';
import { sampleWhatRuns } from '../sampling/sample-what-runs.ts';
import { Sampler } from '../sampling/sampler.ts';
import { ScriptedReader } from '../sampling/scripted-reader.fixture.ts';
import { Endpoints } from './endpoints.ts';
import { httpApi } from './http-api.ts';
import { listen } from './listen.ts';
import { LiveServer } from './live.ts';
import { LogStreams } from './log-streams.ts';

const A = 'aaaa000000000000';
const B = 'bbbb000000000000';

let directory: string;
let state: StateRoot;
let registry: Registry;
let sessions: Sessions;
let sampler: Sampler;
let server: LiveServer;
let serve: () => Promise<LiveServer>;
let owned: AsyncDisposableStack;
let events: EventEmitter<{ event: [LoggedEvent] }>;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-live-'));
  state = stateRoot({ PLIMSOLL_ROOT: directory });
  await mkdir(state.run);
  await mkdir(state.lib);
  sessions = owned.use(await Sessions.open(join(state.lib, 'sessions.json')));
  registry = new Registry();
  events = new EventEmitter();
  sampler = owned.use(new Sampler(() => new ScriptedReader(), 100));
  sampleWhatRuns(registry, sampler, join(state.lib, 'containers'));
  registry.replace({
    groups: [groupRecord('acme'), groupRecord('acme/web')],
    records: [containerRecord(A, 'one', { state: RUNNING })],
  });
  const gatekeeper = new Gatekeeper(sessions, await readOrMakeLocalToken(state.localToken));
  const handlers: Partial<Handlers> = {
    ...sessionHandlers(sessions),
    'container.list': () => registry.containers,
    'container.freeze': () => {
      throw new TypeError('a surprise');
    },
    'container.kill': ({ container }) => {
      throw new PlimsollError('wrong-state', `${container} has ended`);
    },
  };
  const dispatcher = new Dispatcher(handlers as Handlers, gatekeeper);
  serve = async () => {
    const recorder = { signedIn: () => {}, signingOut: () => {}, refused: () => {} };
    const logs = new ContainerLogs(registry, join(state.lib, 'containers'));
    const logStreams = new LogStreams({ registry, logs });
    const [health, metrics] = [() => ({}), async () => ''];
    const endpoints = await Endpoints.open(state, null);
    endpoints.serve(httpApi({ dispatcher, gatekeeper, sessions, recorder, health, metrics, registry, logStreams }));
    return new LiveServer(endpoints, {
      dispatcher,
      registry,
      sampler,
      kernel: new KernelWatch(
        new HostCgroups({ layout: discoverCgroupLayout(), ownRoot: state.cgroup, guards: () => [] }),
        () => new Sampler(() => new ScriptedReader(), 100),
      ),
      gatekeeper,
      sessions,
      incidents: new Incidents(),
      events: events as never,
      alerts: Object.assign(new EventEmitter(), { open: [] }) as never,
      warnings: Object.assign(new EventEmitter(), { list: [] }) as never,
      host: '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90',
      logs,
      logStreams,
      version: '1',
      intervalMs: 100,
    });
  };
  server = await serve();
  owned.defer(() => server[Symbol.asyncDispose]());
});
afterEach(async () => {
  await owned.disposeAsync();
  await rm(directory, { recursive: true });
});

/** A client of its own mind, for what AgentClient would not send. */
function rawClient(auth: object, extraHeaders: Record<string, string> = {}, socketPath = state.agentSocket): Socket {
  const agent = new Agent({ socketPath } as object) as never;
  const socket = io('http://host', { transports: ['websocket'], agent, auth, extraHeaders, reconnection: false, forceNew: true });
  owned.defer(() => void socket.close());
  return socket;
}

async function welcomed(socket: Socket): Promise<void> {
  const refused = once(socket as never, 'connect_error').then(() => Promise.reject(new Error('refused')));
  await Promise.race([once(socket as never, EVENTS.hello), refused]);
}

async function refusal(socket: Socket): Promise<unknown> {
  const [error] = (await once(socket as never, 'connect_error')) as [Error & { data?: { code?: string } }];
  return error.data?.code ?? error.message;
}

async function client(): Promise<AgentClient> {
  return owned.use(await connect(state));
}

function requests(): AgentRequests {
  return owned.use(new AgentRequests(state));
}

async function post(
  path: string,
  body: unknown,
  token?: string,
): Promise<{ status: number | undefined; body: Record<string, unknown> }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: Record<string, unknown> }>();
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const sent = request({ socketPath: state.agentSocket, path, method: 'POST', headers }, (response) => {
    response
      .setEncoding('utf8')
      .once('data', (text: string) =>
        resolve({ status: response.statusCode, body: JSON.parse(text) as Record<string, unknown> }),
      );
  });
  sent.on('error', reject).end(JSON.stringify(body));
  return await promise;
}

async function signIn(): Promise<string> {
  const { token } = await sessions.invite();
  const { body } = await post('/v1/sessions', { token });
  return String(body['session']);
}

test('nobody is let in without a token, and no page of another origin', async () => {
  expect(await refusal(rawClient({}))).toBe('unauthorized');
  expect(await refusal(rawClient({ token: 'x'.repeat(43) }))).toBe('unauthorized');
  expect(await refusal(rawClient({ token: { length: 43 } }))).toBe('unauthorized');
  expect(await refusal(rawClient({}, { authorization: `Bearer ${await signIn()}`, origin: 'http://elsewhere' }))).toMatch(
    /websocket error/,
  );
});

test('a client hears of every change, in order', async () => {
  const connected = await client();
  expect([...connected.containers.keys()]).toEqual([A]);
  expect([...connected.groups.keys()]).toEqual(['acme', 'acme/web']);
  const removed = once(connected, 'removed');
  registry.update(containerRecord(B, 'two'));
  registry.remove(A);
  expect(await removed).toEqual([A]);
  expect([...connected.containers.keys()]).toEqual([B]);
});

test('a session is a user, and neither root nor anyone once it has ended', async () => {
  const session = await signIn();
  expect((await post('/v1/command', { verb: 'session.invite', args: {} }, session)).status).toBe(403);
  const browser = rawClient({}, { authorization: `Bearer ${session}` });
  await once(browser as never, EVENTS.hello);
  expect(await browser.timeout(1000).emitWithAck('command', { verb: 'container.list', args: {} })).toMatchObject({ ok: true });
  const disconnected = once(browser as never, 'disconnect');
  await sessions.end(sessions.use(session) ?? '');
  await disconnected;
  expect((await post('/v1/command', { verb: 'container.list', args: {} }, session)).status).toBe(401);
});

/** The status of a handshake through the web process, which is all that its client does. */
async function handshake(session: string, transport: string): Promise<number | undefined> {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-version': '13',
  };
  const outgoing = request({
    socketPath: state.webSocket,
    path: `/socket.io/?EIO=4&transport=${transport}`,
    headers: { authorization: `Bearer ${session}`, ...(transport === 'websocket' && upgrade) },
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  outgoing.on('error', reject).on('upgrade', ({ statusCode }) => resolve(statusCode));
  outgoing.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
  outgoing.end();
  const status = await promise;
  outgoing.destroy();
  return status;
}

test('a session has at most 64 live connections, and a handshake that is refused is none', async () => {
  const session = await signIn();
  const live = (of = session): Socket => rawClient({}, { authorization: `Bearer ${of}` }, state.webSocket);
  for (let i = 0; i < 80; i++) expect(await handshake(session, 'none')).toBe(400);
  const open = Array.from({ length: 64 }, () => live());
  await Promise.all(open.map(welcomed));
  expect(await handshake(session, 'websocket')).toBe(429);
  expect(await handshake(session, 'polling')).toBe(429);
  await welcomed(live(await signIn()));
  open[0]?.close();
  await vi.waitFor(async () => await welcomed(live()), { timeout: 30_000 });
});

test('errors cross the border with their code, and surprises without their secrets', async () => {
  const connected = await client();
  await expect(connected.command('container.kill', { container: 'x' })).rejects.toMatchObject({ code: 'wrong-state' });
  const surprise = connected.command('container.freeze', { container: 'x' });
  await expect(surprise).rejects.toMatchObject({ code: 'internal', id: expect.stringMatching(/^[0-9a-f]{12}$/) });
  await expect(surprise).rejects.not.toThrow(/a surprise/);
});

test('what no client should send is answered where it can be, and harms nobody', async () => {
  const { token } = await sessions.invite();
  const session = String((await post('/v1/sessions', { token })).body['session']);
  const rude = rawClient({ token: session });
  await once(rude as never, EVENTS.hello);
  const nested = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown;
  const messages = [
    null,
    undefined,
    1,
    'x',
    [],
    {},
    nested,
    Buffer.alloc(10),
    { verb: '__proto__', args: {} },
    { verb: 'container.list', args: nested },
  ];
  for (const event of [EVENTS.command, EVENTS.watch, EVENTS.logs]) {
    for (const message of messages) {
      expect(await rude.timeout(1000).emitWithAck(event, message)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
      rude.emit(event, message);
      rude.emit(event, message, message, message);
    }
  }
  rude.emit(EVENTS.unwatch, messages).emit(EVENTS.unlogs, messages).emit('no such event', messages);
  expect(await rude.timeout(1000).emitWithAck('command', { verb: 'container.list', args: {} })).toMatchObject({ ok: true });
  const disconnected = once(rude as never, 'disconnect');
  rude.emit(EVENTS.command, 'x'.repeat(2 ** 20));
  await disconnected;
  expect((await client()).containers.size).toBe(1);
});

test('too many commands at once are turned away, and each is answered', async () => {
  const connected = rawClient({ token: await signIn() });
  await once(connected as never, EVENTS.hello);
  const command = { verb: 'container.list', args: {} };
  const answers = (await Promise.all(
    Array.from({ length: 1000 }, () => connected.timeout(5000).emitWithAck('command', command)),
  )) as Answer[];
  const refused = answers.filter((answer) => !answer.ok && answer.error.code === 'too-many');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(1000);
});

test('a watched table sends a frame a tick with containers and their groups', async () => {
  const connected = await client();
  const history = await connected.watch({ kind: 'table' });
  expect(history.handles.length).toBe(3);
  const [samples] = await once(connected, 'samples');
  const handles = [...connected.groups.values(), ...connected.containers.values()].map(({ handle }) => handle);
  expect(new Set((samples as typeof history).handles)).toEqual(new Set(handles));
});

test('a watched group sends every column of it, and one that is not there is not found', async () => {
  const connected = await client();
  const group = registry.group('acme/web');
  const history = await connected.watch({ kind: 'group', group: 'acme/web' });
  expect([...history.handles]).toEqual([group?.handle]);
  const [samples] = (await once(connected, 'samples')) as [typeof history];
  expect([...samples.handles]).toEqual([group?.handle]);
  expect(Object.keys(samples.columns)).toHaveLength(COLUMNS.length);
  await expect(connected.watch({ kind: 'group', group: 'acme/none' })).rejects.toMatchObject({ code: 'not-found' });
});

test('a slow client gets the newest frame, not a growing queue', async () => {
  for (let i = 0; i < 5000; i++) registry.update(containerRecord(i.toString(16).padStart(16, '0'), `c${i}`, { state: RUNNING }));
  const slow = rawClient({ token: await signIn() });
  await once(slow as never, EVENTS.hello);
  const times: number[] = [];
  slow.on(EVENTS.samples, (bytes: Buffer) => times.push(decodeSamples(bytes).times[0] ?? 0));
  await slow.timeout(5000).emitWithAck(EVENTS.watch, { kind: 'table' });
  // What the client's own machine holds back: its WebSocket's stream.
  const { ws } = slow.io.engine.transport as unknown as { ws: { pause: () => void; resume: () => void } };
  ws.pause();
  for (let i = 0; i < 40; i++) sampler.tick();
  await once(sampler, 'tick');
  const resumedAt = Date.now();
  ws.resume();
  while ((times.at(-1) ?? 0) < resumedAt) await once(slow as never, EVENTS.samples);
  expect(times.length).toBeLessThan(20);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

const entry = (second: number, text: string): string => `2026-11-23T22:50:0${second}.123456789Z stdout F ${text}\n`;
const EXITED = {
  ...RUNNING,
  status: 'exited',
  exitedAt: RUNNING.startedAt,
  exitCode: 0,
  signal: null,
  oomKilled: false,
} as const;

async function logOf(id: string): Promise<string> {
  const container = join(state.lib, 'containers', id);
  await mkdir(container, { recursive: true });
  return join(container, 'log');
}

test('a log is followed to its end', async () => {
  await writeFile(await logOf(A), entry(1, 'hello'));
  const lines: string[] = [];
  for await (const batch of requests().logs({ container: 'one', follow: true })) {
    lines.push(...batch.map(({ text }) => text));
    registry.update(containerRecord(A, 'one', { state: EXITED }));
  }
  expect(lines).toEqual(['hello']);
});

test('a log goes on where an agent that died left it, each line once', async () => {
  const log = await logOf(A);
  // Lines that were read at one time share it.
  await writeFile(log, entry(1, 'a') + entry(2, 'b') + entry(2, 'c'));
  const lines = requests().logs({ container: 'one', follow: true, tail: 2 });
  expect((await lines.next()).value).toMatchObject([{ text: 'b' }, { text: 'c' }]);
  await server[Symbol.asyncDispose]();
  await appendFile(log, entry(2, 'd') + entry(3, 'e'));
  server = await serve();
  expect((await lines.next()).value).toMatchObject([{ text: 'd' }, { text: 'e' }]);
  registry.update(containerRecord(A, 'one', { state: EXITED }));
  expect((await lines.next()).done).toBe(true);
});

test('a log ends over a live connection as well', async () => {
  await writeFile(await logOf(A), entry(1, 'hello'));
  const socket = rawClient({ token: await readOrMakeLocalToken(state.localToken) });
  const chunks: LogChunk[] = [];
  const whole = new Promise<void>((resolve) => {
    socket.on(EVENTS.log, (chunk: LogChunk) => {
      chunks.push(chunk);
      if (chunk.lines.length > 0) registry.update(containerRecord(A, 'one', { state: EXITED }));
      if (chunk.end) resolve();
    });
  });
  expect(await socket.emitWithAck(EVENTS.logs, { container: 'one', follow: true })).toEqual({ ok: true, container: A });
  await whole;
  expect(chunks.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(['hello']);
});

test('disposing of a client ends what waits on it', async () => {
  await writeFile(await logOf(A), entry(1, 'a'));
  const disposed = requests();
  const lines = disposed.logs({ container: 'one', follow: true });
  expect((await lines.next()).value).toMatchObject([{ text: 'a' }]);
  const live = await connect(state);
  const waiting = [lines.next(), live.lost];
  disposed[Symbol.dispose]();
  live[Symbol.dispose]();
  for (const promise of waiting) await expect(promise).rejects.toMatchObject({ code: 'unavailable' });
});

test('a second agent is refused the socket, and a stale one is replaced', async () => {
  await expect(listen(createServer(), state.agentSocket, null)).rejects.toMatchObject({ code: 'conflict' });
  await owned.disposeAsync();
  await writeFile(state.agentSocket, '');
  const server = createServer();
  await listen(server, state.agentSocket, null);
  server.close();
  owned = new AsyncDisposableStack();
});

test('events reach who asked for them, until they are asked for no more', async () => {
  using follower = await connect(state);
  using other = await connect(state);
  const told: number[] = [];
  other.on('event', () => told.push(-1));
  follower.on('event', ({ seq }) => told.push(seq));
  const event = (seq: number): LoggedEvent => ({
    seq,
    at: 1,
    kind: 'agent.started',
    subject: 'agent',
    id: null,
    name: null,
    group: null,
    who: null,
    from: null,
    detail: {},
    error: null,
  });
  await follower.followEvents();
  events.emit('event', event(1));
  await once(follower, 'event');
  follower.unfollowEvents();
  await follower.command('container.list', {});
  events.emit('event', event(2));
  await other.command('container.list', {});
  await follower.command('container.list', {});
  expect(told).toEqual([1]);
});
