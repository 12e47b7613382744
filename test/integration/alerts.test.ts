// @module-tag kernel-full

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert, CommandInput } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { Receiver } from '../support/receiver.ts';
import { signIn } from '../support/session.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
/** Long enough that whoever wants a cpu had it for some of the time, however busy the host is. */
const SAMPLE_MS = '500';
const ALLOWING = { PLIMSOLL_SAMPLE_MS: SAMPLE_MS, PLIMSOLL_WEBHOOK_ALLOW: '127.0.0.1' };

let world: World;
let receiver: Receiver;
let client: AgentClient;
let live: Alert[];
beforeEach(async () => {
  world = await World.make({ agent: false });
  receiver = await Receiver.open();
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

async function start(environment: NodeJS.ProcessEnv): Promise<void> {
  client?.[Symbol.dispose]();
  await world.startAgent(environment);
  client = await connect(world.state);
  live = [];
  client.on('alert', (alert) => live.push(alert));
}

const busy = (more: Partial<CommandInput<'alert.create'>> = {}): CommandInput<'alert.create'> => ({
  name: 'busy',
  when: { kind: 'metric', metric: 'cpu', of: { kind: 'container', container: 'burner' }, above: 0.01, forMs: 500 },
  ...more,
});

const burn = () => client.command('container.run', { name: 'burner', command: ['/bin/sh', '-c', 'while :; do :; done'] });

const isAbout = (alert: Record<string, unknown>, id: string): boolean => (alert['subject'] as Alert['subject']).id === id;

/** The first alert that is so, as it is told live. */
const told = async (isSo: (alert: Alert) => boolean): Promise<Alert> =>
  await until('an alert is told', () => live.find(isSo) ?? null);

test('a session reaches no internal address by a webhook, however it names one', async () => {
  await start({ PLIMSOLL_SAMPLE_MS: SAMPLE_MS });
  const session = await signIn(world);
  const { port, secret } = receiver;
  for (const host of ['127.0.0.1', '127.1', '0x7f000001', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '169.254.169.254']) {
    const refused = await session('alert.create', busy({ webhook: { url: `http://${host}:${port}/`, secret } }));
    expect(refused, host).toMatchObject({ status: 403, answer: { error: { code: 'forbidden' } } });
  }
  for (const url of ['ftp://example.com/', 'file:///etc/passwd', 'http://user:word@example.com/', 'x']) {
    expect(await session('alert.create', busy({ webhook: { url, secret } })), url).toMatchObject({ status: 400 });
  }
  // A name is looked up when it is sent to, and the address that it has then is the one that counts.
  const made = await session('alert.create', busy({ webhook: { url: `http://localhost:${port}/`, secret } }));
  expect(made.status).toBe(200);
  const tested = await session('alert.test', { rule: 'busy' });
  expect(tested.answer).toMatchObject({
    result: { delivered: false, status: null, problem: expect.stringMatching(/loopback|this host|Internet/) as unknown },
  });
  await burn();
  await told(({ until: end }) => end === null);
  const state = async () => (await client.command('alert.list', {})).rules[0]?.webhook;
  await until('it was tried and waits', async () => ((await state())?.waiting ?? 0) > 0);
  expect(receiver.connections).toBe(0);
});

test('a container that burns cpu fires, once, and is over when it is frozen; told live, in the log, and to its receiver', async () => {
  await start(ALLOWING);
  let failures = 2;
  receiver.respond = (response) => response.writeHead(failures-- > 0 ? 503 : 200).end('x'.repeat(100_000));
  const rule = await client.command('alert.create', busy({ webhook: receiver.webhook }));
  expect(rule.webhook).toEqual({ url: receiver.webhook.url, waiting: 0, last: null });
  const { id } = await burn();
  const fired = await told(({ until: end }) => end === null);
  expect(fired).toMatchObject({ rule: rule.id, subject: { kind: 'container', id, name: 'burner' }, cause: { metric: 'cpu' } });
  const attempts = await receiver.of('alert.fired', 3);
  expect(new Set(attempts.map(({ id: delivery }) => delivery))).toEqual(new Set([`${fired.id}-fired`]));
  expect(attempts.every(({ isSigned }) => isSigned)).toBe(true);
  expect(attempts[0]?.body).toMatchObject({
    words: expect.stringMatching(/^cpu .* above 0\.01 cores/) as unknown,
    alert: { id: fired.id },
  });
  await client.command('container.freeze', { container: id });
  expect(await told((alert) => alert.until !== null)).toMatchObject({ id: fired.id, ending: 'below' });
  await receiver.of('alert.resolved');
  await until('all is delivered', async () => (await client.command('alert.list', {})).rules[0]?.webhook?.waiting === 0);
  expect(receiver.received).toHaveLength(4);

  const { events } = await client.command('event.list', { subjects: ['alert'] });
  expect(events.map(({ kind }) => kind)).toEqual(['alert.resolved', 'alert.fired', 'command']);
  expect(JSON.stringify([events, await client.command('alert.list', {})])).not.toContain(receiver.secret);
  await client.command('alert.acknowledge', {});
  expect((await client.command('alert.list', {})).alerts.every(({ acknowledgedAt }) => acknowledgedAt !== null)).toBe(true);
});

test('a kill of the agent loses neither rule nor delivery, and nobody is told of one alert as of two', async () => {
  await start(ALLOWING);
  receiver.respond = (response) => response.writeHead(500).end();
  await client.command('alert.create', busy({ webhook: receiver.webhook }));
  await burn();
  await receiver.of('alert.fired');
  await world.end('agent', 'SIGKILL');
  receiver.respond = (response) => response.writeHead(200).end();
  const before = receiver.received.length;
  await start(ALLOWING);
  await until('it is delivered', () => receiver.received.length > before);
  await until('nothing waits', async () => (await client.command('alert.list', {})).rules[0]?.webhook?.waiting === 0);
  // Ticks with figures have come since: the table's rates are there.
  await client.watch({ kind: 'table' });
  await once(client, 'samples');
  const { alerts } = await client.command('alert.list', {});
  expect(alerts).toHaveLength(1);
  expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([`${alerts[0]?.id}-fired`]));
  await client.command('container.kill', { container: 'burner' });
  expect(await told((alert) => alert.until !== null)).toMatchObject({ id: alerts[0]?.id, ending: 'gone' });
  await receiver.of('alert.resolved');
  const { events } = await client.command('event.list', { kinds: ['alert.fired'] });
  expect(events).toHaveLength(1);
});

test('an out-of-memory kill fires a rule for it, also one that came while no agent was there', async () => {
  await start(ALLOWING);
  await client.command('alert.create', {
    name: 'out of memory',
    when: { kind: 'event', events: ['incident.oom-kill'], of: { kind: 'group', group: 'acme' } },
    webhook: receiver.webhook,
  });
  const limits = { memoryBytes: 24 * MEBIBYTE };
  const first = await client.command('container.run', { group: 'acme/web', command: ['tail', '/dev/zero'], limits });
  const [received] = await receiver.of('alert.fired');
  expect(received?.body).toMatchObject({
    words: 'out of memory: 1 process killed',
    alert: { subject: { id: first.id }, ending: 'moment' },
  });
  await world.end('agent', 'SIGKILL');
  const second = await world.run(['tail', '/dev/zero'], { group: 'acme/web', limits });
  await until('it has ended', async () => (await world.record(second.id))?.state.status === 'exited');
  await start(ALLOWING);
  await until('the second is told', () => receiver.received.some(({ body }) => isAbout(body.alert, second.id)));
  // What the receiver had when the agent was killed may come once more, as the same.
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
  expect((await client.command('alert.list', {})).alerts).toHaveLength(2);
});

test('a redirect is not followed, an answer is cut, and a test says what came back', async () => {
  await start(ALLOWING);
  const elsewhere = await Receiver.open();
  await using _ = elsewhere;
  await client.command('alert.create', busy({ webhook: receiver.webhook }));
  receiver.respond = (response) => response.writeHead(302, { location: elsewhere.webhook.url }).end('look there');
  expect(await client.command('alert.test', { rule: 'busy' })).toMatchObject({
    delivered: false,
    status: 302,
    problem: 'it answered 302, and redirects are not followed',
    text: 'look there',
  });
  expect(elsewhere.connections).toBe(0);
  receiver.respond = (response) => response.writeHead(200).end('x'.repeat(1_000_000));
  const { delivered, text } = await client.command('alert.test', { rule: 'busy' });
  expect([delivered, text.length < 5000]).toEqual([true, true]);
  receiver.respond = (response) => response.destroy();
  expect(await client.command('alert.test', { rule: 'busy' })).toMatchObject({
    delivered: false,
    status: null,
    problem: 'ECONNRESET',
  });
  expect(receiver.received.map(({ body, isSigned }) => `${body.type} ${isSigned}`)).toEqual(Array(3).fill('alert.test true'));
});

test('the command line makes, shows, tries and removes rules', async () => {
  await start(ALLOWING);
  const { url, secret } = receiver.webhook;
  const secretFile = join(world.directory, 'secret');
  writeFileSync(secretFile, `${secret}\n`);
  const made = await world.plimsoll(
    ...['alert', 'create', '--metric', 'memory', '--above', '1.5g', '--for', '5m', '--container', 'web'],
    ...['--webhook', url, '--secret-file', secretFile, 'large'],
  );
  expect(made).toMatchObject({ code: 0, stdout: 'large\n' });
  const generated = await world.plimsoll('alert', 'create', '--event', 'container.exited', '--webhook', url, 'ended');
  expect(generated.stdout).toMatch(/^ended\nsecret: [\w-]{43}\n$/);
  expect((await world.plimsoll('alert', 'create', '--metric', 'io-pressure', '--above', '80%', 'waits')).code).toBe(0);
  const listed = await world.plimsoll('alert', 'ls');
  expect(listed.stdout).toMatch(/large +memory of web above 1\.5 GiB for 5 min +on +127\.0\.0\.1/);
  expect(listed.stdout).toMatch(/ended +container\.exited +on/);
  expect(listed.stdout).toMatch(/waits +io pressure of every container above 80 % for 60 s +on +—/);
  expect(await world.plimsoll('alert', 'test', 'large')).toMatchObject({ code: 0, stdout: 'delivered: 204\n' });
  expect((await receiver.of('alert.test'))[0]?.isSigned).toBe(true);
  receiver.respond = (response) => response.writeHead(404).end('nobody here');
  const refused = await world.plimsoll('alert', 'test', 'large');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/not delivered: it answered 404\nnobody here/);
  await client.command('container.run', { name: 'short', command: ['true'] });
  await told(({ ruleName }) => ruleName === 'ended');
  expect((await world.plimsoll('alert', 'ls')).stdout).toMatch(/happened +ended +short +exited 0/);
  expect((await world.plimsoll('alert', 'rm', 'large', 'ended', 'waits')).stdout).toBe('large\nended\nwaits\n');
  for (const wrong of [
    ['--metric', 'cpu', 'x'],
    ['--metric', 'heat', '--above', '1', 'x'],
    ['x'],
    ['--event', 'a', '--metric', 'cpu', 'x'],
  ]) {
    expect((await world.plimsoll('alert', 'create', ...wrong)).code, wrong.join(' ')).toBe(2);
  }
});
