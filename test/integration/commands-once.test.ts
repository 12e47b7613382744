import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launcherSocket } from '../../apps/agent/src/launcher-socket.ts';
import { acquireLock } from '../../apps/agent/src/launcher/lock.ts';
import type { ContainerView } from '@plimsoll/protocol';
import { FULL } from '../support/full.ts';
import { randomFrom } from '../support/random.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { World } from '../support/world.ts';

/** Kills at random instants of each command. */
const ROUNDS = SLOWNESS > 1 ? 2 : FULL ? 60 : 8;
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
  test('run', async () => {
    await plimsoll('volume', 'create', 'effects');
    const effects = join(world.state.lib, 'volumes/effects/data');
    for (let i = 0; i < ROUNDS; i++) {
      const command = ['/bin/sh', '-c', `echo run >> /effects/${i}; exec sleep 1000`];
      const id = await killed(which, () => plimsoll('run', '-d', '--name', `once-${i}`, '-v', 'effects:/effects', '--', ...command));
      await expect.poll(() => readIfThere(join(effects, String(i))), { message: `round ${i}` }).toBe('run\n');
      const [view, ...others] = (await views()).filter(({ name }) => name === `once-${i}`);
      expect([view?.id, view?.incarnation, view?.state.status, others]).toEqual([id, 1, 'running', []]);
    }
    expect(await views()).toHaveLength(ROUNDS);
    expect(readdirSync(effects)).toHaveLength(ROUNDS);
  });

  test('start, rename and rm', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const id = await plimsoll('create', '--name', `first-${i}`, '--', 'sleep', '1000');
      await killed(which, () => plimsoll('start', id));
      expect((await views()).find((view) => view.id === id)).toMatchObject({ incarnation: 1, state: { status: 'running' } });
      await killed(which, () => plimsoll('rename', `first-${i}`, `second-${i}`));
      expect((await views()).map(({ name }) => name)).toEqual([`second-${i}`]);
      await killed(which, () => plimsoll('rm', '-f', `second-${i}`));
      expect(await views()).toEqual([]);
    }
  });

  test('group kill', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      for (const name of ['a', 'b']) await plimsoll('run', '-d', '--name', `${name}-${i}`, '--group', 'doomed', '--', 'sleep', '1000');
      await killed(which, () => plimsoll('group', 'kill', 'doomed'));
      const states = (await views()).map(({ state, incarnation }) => [state.status, incarnation]);
      expect(states).toEqual([
        ['exited', 1],
        ['exited', 1],
      ]);
      await plimsoll('rm', `a-${i}`, `b-${i}`);
    }
  });
});

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
