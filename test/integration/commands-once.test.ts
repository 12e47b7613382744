import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launcherSocket } from '../../apps/agent/src/launcher-socket.ts';
import { acquireLock } from '../../apps/agent/src/launcher/lock.ts';
import { Answer, type ContainerView } from '@plimsoll/protocol';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { FULL } from '../support/full.ts';
import { randomFrom } from '../support/random.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { World } from '../support/world.ts';

/** Kills at random instants of each command. */
const ROUNDS = SLOWNESS > 1 ? 1 : FULL ? 40 : 4;
const TIMEOUT_MS = 1_200_000;
/** What a command takes, and the kill with it. */
const COMMAND_MS = 60;

let world: World;
let launcher: AsyncDisposable | undefined;
const random = randomFrom(8);

beforeEach(async () => {
  world = await World.make();
  // The command line waits for an agent that its launcher starts again: here that is the test.
  launcher = await acquireLock(launcherSocket(world.state));
});
afterEach(async () => {
  await launcher?.[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Kills it at a random instant of the command, and starts it again. */
async function killed(which: 'supervisor' | 'agent', command: () => Promise<unknown>): Promise<unknown> {
  const under = command();
  under.catch(() => {});
  await delay(random() * COMMAND_MS * SLOWNESS);
  await world.end(which, 'SIGKILL');
  if (which === 'supervisor') await world.startSupervisor();
  else await world.startAgent();
  return await under;
}

const plimsoll = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await world.plimsoll(...words);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return stdout.trim();
};

const views = async (): Promise<ContainerView[]> => await (await world.client()).command('container.list', {});

const both = ['supervisor', 'agent'] as const;

describe.each(both)('a command during which the %s is killed is executed once', (which) => {
  test(
    'run',
    async () => {
      await plimsoll('volume', 'create', 'effects');
      const effects = join(world.state.lib, 'volumes/effects/data');
      for (let i = 0; i < ROUNDS; i++) {
        const command = ['/bin/sh', '-c', `echo run >> /effects/${i}; exec sleep 1000`];
        const id = await killed(which, () =>
          plimsoll('run', '-d', '--name', `once-${i}`, '-v', 'effects:/effects', '--', ...command),
        );
        await expect.poll(() => readIfThere(join(effects, String(i))), { message: `round ${i}` }).toBe('run\n');
        const [view, ...others] = (await views()).filter(({ name }) => name === `once-${i}`);
        expect([view?.id, view?.incarnation, view?.state.status, others]).toEqual([id, 1, 'running', []]);
      }
      expect(await views()).toHaveLength(ROUNDS);
      expect(readdirSync(effects)).toHaveLength(ROUNDS);
    },
    TIMEOUT_MS,
  );

  test(
    'start, rename and rm',
    async () => {
      for (let i = 0; i < ROUNDS; i++) {
        const id = await plimsoll('create', '--name', `first-${i}`, '--', 'sleep', '1000');
        await killed(which, () => plimsoll('start', id));
        expect((await views()).find((view) => view.id === id)).toMatchObject({ incarnation: 1, state: { status: 'running' } });
        await killed(which, () => plimsoll('rename', `first-${i}`, `second-${i}`));
        expect((await views()).map(({ name }) => name)).toEqual([`second-${i}`]);
        await killed(which, () => plimsoll('rm', '-f', `second-${i}`));
        expect(await views()).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'group kill',
    async () => {
      for (let i = 0; i < ROUNDS; i++) {
        const inGroup = ['--group', 'doomed', '--', 'sleep', '1000'];
        for (const name of ['a', 'b']) await plimsoll('run', '-d', '--name', `${name}-${i}`, ...inGroup);
        await killed(which, () => plimsoll('group', 'kill', 'doomed'));
        const states = (await views()).map(({ state, incarnation }) => [state.status, incarnation]);
        expect(states).toEqual([
          ['exited', 1],
          ['exited', 1],
        ]);
        await plimsoll('rm', `a-${i}`, `b-${i}`);
      }
    },
    TIMEOUT_MS,
  );
});

describe('a request id', () => {
  const post = async (body: object, headers: Record<string, string> = {}): Promise<Answer & { status: number }> => {
    const response = Promise.withResolvers<IncomingMessage>();
    const sent = request({
      socketPath: world.state.agentSocket,
      path: '/v1/command',
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(world.state.localToken, 'utf8').trim()}`,
        'content-type': 'application/json',
        ...headers,
      },
    });
    sent.on('response', response.resolve).on('error', response.reject).end(JSON.stringify(body));
    const answer = await response.promise;
    return { status: answer.statusCode ?? 0, ...Answer.parse(JSON.parse(await text(answer))) };
  };
  const run = (name: string) => ({ verb: 'container.run', args: { name, command: ['sleep', '1000'] } });

  test('executes a command once that comes twice at the same time, and again after both processes were killed', async () => {
    const key = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
    const answers = await Promise.all([post(run('twice'), key), post(run('twice'), key)]);
    await world.end('agent', 'SIGKILL');
    await world.end('supervisor', 'SIGKILL');
    await world.startSupervisor();
    await world.startAgent();
    answers.push(await post(run('twice'), key));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ids = answers.map((answer) => (answer.ok ? (answer.result as ContainerView).id : null));
    expect(new Set(ids).size).toBe(1);
    expect((await views()).map(({ id }) => id)).toEqual([ids[0]]);
  });

  test('of another command is refused', async () => {
    const key = { 'idempotency-key': 'one-command' };
    expect(await post(run('first'), key)).toMatchObject({ status: 200 });
    expect(await post(run('second'), key)).toMatchObject({ status: 409, error: { code: 'conflict' } });
    expect(await post({ ...run('third'), request: 'x' }, key)).toMatchObject({ status: 400, error: { code: 'bad-request' } });
    expect((await views()).map(({ name }) => name)).toEqual(['first']);
  });
});

test('more than 64 containers are removed by one command', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `many-${i}`);
  const client = await world.client();
  await Promise.all(names.slice(0, 50).map((name) => client.command('container.create', { name })));
  await Promise.all(names.slice(50).map((name) => client.command('container.create', { name })));
  expect(await plimsoll('rm', '-f', ...names)).toBe(names.join('\n'));
  expect(await views()).toEqual([]);
});

test('a start that failed stays failed behind later supervisors, until the next start', async () => {
  const missing = await world.plimsoll('create', '--name', 'broken', '--', '/nothing/here');
  expect(await world.plimsoll('start', 'broken')).toMatchObject({ code: 1 });
  const [before] = await views();
  expect(before).toMatchObject({ id: missing.stdout.trim(), state: { status: 'failed', error: { code: 'command-not-found' } } });
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await world.end('supervisor', signal);
    await world.startSupervisor();
    expect(await views()).toEqual([before]);
  }
  expect(await world.plimsoll('start', 'broken')).toMatchObject({ code: 1 });
  expect((await views())[0]).toMatchObject({ state: { status: 'failed' }, incarnation: 2 });
});

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
