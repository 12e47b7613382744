import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Command } from '../support/command-line.ts';
import { FULL } from '../support/full.ts';
import { cgroupsNamed } from '../support/named-cgroups.ts';
import { until } from '../support/until.ts';
import { post } from '../support/wire.ts';
import { World } from '../support/world.ts';

const MANY = FULL ? 250 : 40;
const AT_ONCE = 20;
/** So large that what is told of some does not fit into the buffer of a socket. */
const LARGE = { env: { LARGE: 'x'.repeat(100_000) } };
const SOME = 12;

async function withContainers(count: number, request = {}): Promise<World> {
  const world = await World.make();
  const client = await world.client();
  let left = count;
  const run = async (): Promise<void> => {
    while (left-- > 0) await client.command('container.run', { ...request, command: ['sleep', 'infinity'] });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return world;
}

const containersOf = (world: World) => cgroupsNamed(world.state.cgroup).filter((path) => /\/[0-9a-f]{16}$/.test(path));

test(`a shutdown stops ${MANY} containers, and who asked for it is told`, async () => {
  await using world = await withContainers(MANY);
  const { code, stdout, stderr } = await world.plimsoll('shutdown');
  expect(stderr).toBe('');
  expect(stdout).toBe(`Plimsoll is shut down; ${MANY} containers were stopped.\n`);
  expect(code).toBe(0);
  expect(containersOf(world)).toEqual([]);
  expect([world.state.agentSocket, world.state.supervisorSocket].filter((path) => existsSync(path))).toEqual([]);
});

test('also over HTTP', async () => {
  await using world = await withContainers(MANY);
  const token = readFileSync(world.state.localToken, 'utf8').trim();
  const body = JSON.stringify({ verb: 'host.shutdown', args: {} });
  const answer = await post(world.state.agentSocket, '/v1/command', body, { authorization: `Bearer ${token}` });
  expect(answer).toMatchObject({ status: 200 });
  expect(JSON.parse(answer?.text ?? '')).toEqual({ ok: true, result: { stopped: MANY } });
});

test('a client that is slow to read what it is told meanwhile gets its answer', async () => {
  await using world = await withContainers(SOME, LARGE);
  const client = await world.client();
  const before = containersOf(world).length;
  const answer = client.command('host.shutdown', {});
  await until('it has begun', () => containersOf(world).length < before);
  // Nothing in this process reads meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  expect(await answer).toEqual({ stopped: SOME });
});

test('an agent that is slow to read what the supervisor tells passes the answer on', async () => {
  await using world = await withContainers(SOME, LARGE);
  const client = await world.client();
  const before = containersOf(world).length;
  const answer = client.command('host.shutdown', {}).catch((error: unknown) => error);
  await until('it has begun', () => containersOf(world).length < before);
  world.agent?.kill('SIGSTOP');
  await until('all have ended', () => containersOf(world).length === 0);
  await delay(1000);
  world.agent?.kill('SIGCONT');
  expect(await answer).toEqual({ stopped: SOME });
});

test('who follows is told at once, and a run ends with the exit code of its container', async () => {
  await using world = await World.make();
  const command = (...words: string[]) => new Command(words, world.environment);
  const run = command('run', '--rm', '--name', 'web', '--', 'sh', '-c', 'echo begun; exec sleep infinity');
  await until('the container runs', () => run.stdout.includes('begun'));
  const others = [command('events', '-f'), command('stats', '--json')];
  await until('they follow', () => others.every(({ stdout }) => stdout !== ''));
  await world.plimsoll('shutdown');
  expect(await run.ended).toEqual({ code: 137, stdout: 'begun\n', stderr: '' });
  for (const { ended } of others) expect(await ended).toMatchObject({ code: 1, stderr: 'Plimsoll was shut down\n' });
  expect(await world.plimsoll('ps')).toMatchObject({ code: 1, stderr: 'Plimsoll is not running: start it with `npm start`\n' });
});

test('without its agent, a command says that containers go on', async () => {
  await using world = await World.make();
  await world.end('agent', 'SIGTERM');
  expect(await world.plimsoll('ps')).toMatchObject({
    code: 1,
    stderr: 'The agent is not running, and containers go on: start it with `npm start`\n',
  });
});
