import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { EventFilter, LoggedEvent } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { Command } from '../support/command-line.ts';
import { ended } from '../support/ended.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.make();
  client = await connect(world.state);
});
afterAll(async () => {
  client?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});

/** Oldest first. */
async function logged(filter: EventFilter): Promise<LoggedEvent[]> {
  const { events } = await client.command('event.list', { ...filter, limit: 1000 });
  return events.toReversed();
}

async function loggedOnce(filter: EventFilter): Promise<LoggedEvent> {
  const events = await until(JSON.stringify(filter), async () => {
    const found = await logged(filter);
    return found.length > 0 ? found : null;
  });
  expect(events).toHaveLength(1);
  return events[0]!;
}

const of = (id: string): EventFilter => ({ subject: id, kinds: ['container', 'incident'] });
const kinds = (events: readonly LoggedEvent[]): string[] => events.map(({ kind }) => kind);

describe('the log tells', () => {
  test('a life, with the record’s own times, and its out-of-memory kill', async () => {
    const { id, createdAt } = await client.command('container.run', {
      name: 'greedy',
      group: 'acme/web',
      command: ['/bin/sh', '-c', 'exec tail /dev/zero'],
      env: { PASSWORD: 'not-to-be-seen' },
      limits: { memoryBytes: 24 * MEBIBYTE },
    });
    const view = await ended(client, id);
    const state = view?.state.status === 'exited' ? view.state : undefined;
    const exit = await loggedOnce({ ...of(id), kinds: ['container.exited'] });
    expect(exit).toMatchObject({
      at: Date.parse(state!.exitedAt),
      name: 'greedy',
      group: 'acme/web',
      who: null,
      detail: { incarnation: 1, exitCode: 137, signal: 'SIGKILL', oomKilled: true },
    });
    await loggedOnce({ ...of(id), kinds: ['incident.oom-kill'] });
    await client.command('container.remove', { container: id });
    await loggedOnce({ ...of(id), kinds: ['container.removed'] });
    const [created, started, ...rest] = await logged({ subject: id, kinds: ['container'] });
    expect(created).toMatchObject({ kind: 'container.created', at: Date.parse(createdAt), detail: { image: 'base' } });
    expect(started).toMatchObject({ kind: 'container.started', at: Date.parse(state!.startedAt) });
    expect(kinds(rest)).toEqual(['container.exited', 'container.removed']);
    expect(await logged({ text: 'not-to-be-seen' })).toEqual([]);
    expect(await loggedOnce({ subject: id, kinds: ['command'], text: 'container.run' })).toMatchObject({
      who: 'root',
      from: { over: 'socket', address: null },
      detail: { verb: 'container.run', args: { env: ['PASSWORD'] } },
    });
    expect(kinds(await logged({ subjects: ['group'], group: 'acme' }))).toContain('group.created');
  });

  test('why one was frozen, and thawed', async () => {
    const { id, group } = await client.command('container.run', { group: 'frozen', command: ['sleep', 'infinity'] });
    await client.command('container.freeze', { container: id });
    await client.command('group.freeze', { group });
    await client.command('group.thaw', { group });
    await client.command('container.thaw', { container: id });
    const told = await until('the thaw', async () => {
      const events = await logged({ subject: id, kinds: ['container.frozen', 'container.thawed'] });
      return events.at(-1)?.kind === 'container.thawed' ? events : null;
    });
    const user = { by: 'user' };
    expect(told.map(({ kind, detail }) => [kind, detail['reasons']])).toEqual([
      ['container.frozen', [user]],
      ['container.frozen', [user, { by: 'group', group }]],
      ['container.frozen', [user]],
      ['container.thawed', [user]],
    ]);
    expect(kinds(await logged({ subjects: ['group'], kinds: ['group'], subject: group }))).toEqual([
      'group.created',
      'group.frozen',
      'group.thawed',
    ]);
    await client.command('group.kill', { group });
    expect(await loggedOnce({ kinds: ['group.killed'], group })).toMatchObject({ who: 'root', detail: { killed: 1 } });
  });

  test('limits before and after; volumes; and what was refused', async () => {
    const { id } = await client.command('container.run', {
      command: ['sleep', 'infinity'],
      limits: { pids: 32 },
      mounts: [{ kind: 'volume', volume: 'data', destination: '/data', readOnly: false }],
    });
    await client.command('container.update', { container: id, limits: { pids: 64, cpus: 0.5 } });
    expect(await loggedOnce({ subject: id, kinds: ['container.limits'] })).toMatchObject({
      detail: { before: { pids: 32 }, after: { pids: 64, cpus: 0.5 } },
    });
    await loggedOnce({ kinds: ['volume.created'], subject: 'data' });
    await expect(client.command('volume.remove', { name: 'data' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await loggedOnce({ kinds: ['command'], subject: 'data' })).toMatchObject({
      detail: { verb: 'volume.remove', args: { name: 'data' } },
      error: { code: 'conflict' },
    });
    expect(await logged({ kinds: ['volume.removed'] })).toEqual([]);
    await client.command('container.kill', { container: id });
  });

  test('who signs in and out, from where, and who is refused; what a session may not', async () => {
    const { token } = await client.command('session.invite', {});
    const asked = async (method: string, path: string, body: object, bearer?: string) => {
      const sent = JSON.stringify(body);
      const outgoing = request({
        socketPath: world.state.webSocket,
        method,
        path,
        headers: {
          'content-type': 'application/json',
          'content-length': sent.length,
          'x-forwarded-for': '127.0.0.7',
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
      });
      outgoing.end(sent);
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      return (await json(response)) as { session: string };
    };
    const { session } = await asked('POST', '/v1/sessions', { token });
    await asked('POST', '/v1/sessions', { token });
    await asked('POST', '/v1/command', { verb: 'host.shutdown', args: {} }, session);
    await asked('DELETE', '/v1/sessions', {}, session);
    const events = await logged({ text: '127.0.0.7' });
    const who = events[0]!.who;
    expect(who).toMatch(/^session [0-9a-f]{8}$/);
    expect(events).toMatchObject([
      { kind: 'session.signed-in', who, from: { over: 'web' } },
      { kind: 'session.refused', who: null, error: { code: 'unauthorized' } },
      { kind: 'command', who, detail: { verb: 'host.shutdown' }, error: { code: 'forbidden' } },
      { kind: 'session.signed-out', who },
    ]);
    const everything = JSON.stringify(await logged({}));
    for (const secret of [token, session]) expect(everything).not.toContain(secret);
  });
});

test('an agent that was killed while containers ended: each exit once, with its time, and who follows misses nothing', async () => {
  const waiting = await Promise.all(
    [3, 4, 5].map((code) =>
      client.command('container.run', {
        command: ['/bin/sh', '-c', `trap "exit ${code}" TERM; echo ready; while :; do sleep 0.05; done`],
        labels: { code: String(code) },
      }),
    ),
  );
  for (const { id } of waiting) await until('it takes the signal', () => world.log(id).includes('ready'));
  const gone = await client.command('container.run', { command: ['sleep', 'infinity'], name: 'gone' });

  const follower = new Command(['events', '-f', '--json', '--since', '1h'], world.environment);
  const followed = () => follower.jsonLines() as LoggedEvent[];
  await until('the follower has begun', () => followed().some(({ id, kind }) => id === gone.id && kind === 'container.started'));

  await world.end('agent', 'SIGKILL');
  const ended = await Promise.all(
    waiting.map(({ id }) => world.link.request('stop', { id, graceMs: 10_000 }, REQUEST_DEADLINE_MS)),
  );
  await world.link.request('remove', { id: gone.id, force: true }, REQUEST_DEADLINE_MS);
  await world.startAgent();
  client[Symbol.dispose]();
  client = await connect(world.state);

  for (const { id, labels, state } of ended) {
    const exit = await loggedOnce({ subject: id, kinds: ['container.exited'] });
    expect(exit.at).toBe(state.status === 'exited' ? Date.parse(state.exitedAt) : 0);
    expect(exit.detail).toMatchObject({ exitCode: Number(labels['code']), oomKilled: false });
  }
  await loggedOnce({ subject: gone.id, kinds: ['container.removed'] });
  expect(kinds(await logged({ subject: gone.id, kinds: ['container'] }))).toEqual([
    'container.created',
    'container.started',
    'container.exited',
    'container.removed',
  ]);
  expect(await loggedOnce({ subject: gone.id, kinds: ['container.exited'] })).toMatchObject({
    detail: { exitCode: 137, signal: 'SIGKILL', oomKilled: false },
  });
  expect((await logged({ kinds: ['agent'] })).map(({ kind, detail }) => [kind, detail['before'] ?? null])).toEqual([
    ['agent.started', 'none'],
    ['agent.started', 'killed'],
  ]);
  // The supervisor was there all the time.
  expect(kinds(await logged({ kinds: ['supervisor'] }))).toEqual(['supervisor.started']);

  await world.end('agent', 'SIGTERM');
  await world.startAgent();
  client[Symbol.dispose]();
  client = await connect(world.state);
  for (const { id } of ended) await loggedOnce({ subject: id, kinds: ['container.exited'] });
  expect(kinds(await logged({ kinds: ['agent'] })).slice(-2)).toEqual(['agent.ended', 'agent.started']);

  const all = await logged({});
  await until('the follower has it all', () => followed().length >= all.length);
  follower.signal('SIGTERM');
  expect(await follower.ended).toMatchObject({ code: 0, stderr: '' });
  expect(followed().map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
});

test('a supervisor that was lost and came anew', async () => {
  await world.end('supervisor', 'SIGKILL');
  expect(await loggedOnce({ kinds: ['supervisor.lost'] })).toMatchObject({ subject: 'supervisor', who: null });
  await world.startSupervisor();
  await until('the new one is told of', async () => (await logged({ kinds: ['supervisor.started'] })).length === 2);
});

test('the command line shows them', async () => {
  const { stdout, code } = await world.plimsoll('events', '--container', 'greedy', '--since', '1h');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^TIME +KIND +SUBJECT +WHO +WHAT\n/);
  expect(stdout).toMatch(/container\.exited +greedy +— +exited 137 \(SIGKILL, out of memory\)/);
  const refused = await world.plimsoll('events', '--json', '--kind', 'command', '--text', 'conflict');
  expect(JSON.parse(refused.stdout)).toMatchObject({ kind: 'command', who: 'root', error: { code: 'conflict' } });
  expect((await world.plimsoll('events', '--since', 'yesterday')).code).toBe(2);
  expect((await world.plimsoll('events', '-f', '--until', '1h')).code).toBe(2);
  const none = await world.plimsoll('events', '--until', '2020-01-01', '--json');
  expect(none).toMatchObject({ code: 0, stdout: '' });
});
