import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CommandProcess } from '../support/command-process.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

// What only a process of its own can show. Everything else of the command line is tested in the process of the test.

const TICK = 'while :; do echo tick; sleep 0.01; done';

let world: World;
beforeAll(async () => void (world = await World.shared()));

const started: CommandProcess[] = [];
afterEach(async () => {
  for (const command of started.splice(0)) command.signal('SIGKILL');
  const { stdout } = await world.plimsoll('ps', '-q');
  if (stdout !== '') await world.plimsoll('rm', '-f', ...stdout.trim().split('\n'));
});

function start(...words: string[]): CommandProcess {
  const command = world.plimsollProcess(words);
  started.push(command);
  return command;
}

const inspect = async (name: string) =>
  JSON.parse((await world.plimsoll('inspect', '--json', name)).stdout) as Record<string, unknown>;

test('run passes on the exit code, both streams and a variable of its environment', async () => {
  world.environment['PLIMSOLL_TEST_VARIABLE'] = 'größer';
  const command = start('run', '--rm', '-e', 'PLIMSOLL_TEST_VARIABLE', '--', 'sh', '-c', 'env; echo warning >&2; exit 3');
  const { code, stdout, stderr } = await command.ended;
  delete world.environment['PLIMSOLL_TEST_VARIABLE'];
  expect({ code, stderr }).toEqual({ code: 3, stderr: 'warning\n' });
  expect(stdout).toMatch(/^PLIMSOLL_TEST_VARIABLE=größer$/m);
});

test('a wrong word ends with 2, a failure with 1', async () => {
  expect(await start('no-such-verb').ended).toMatchObject({ code: 2, stdout: '' });
  expect(await start('inspect', 'nobody').ended).toMatchObject({ code: 1, stdout: '' });
});

describe('a reader that goes away', () => {
  test('ends logs with 0, without an error', async () => {
    await world.plimsoll('run', '--name', 'long', '--', 'sh', '-c', 'yes $(printf %01000d 0) | head -n 2000');
    const logs = start('logs', 'long');
    logs.closeStdoutAfterFirstRead();
    const { code, stdout, stderr } = await logs.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.length).toBeLessThan(1_000_000);
  });

  test('ends logs -f with 0, without an error, while the container runs on', async () => {
    await world.plimsoll('run', '-d', '--name', 'ticker', '--', 'sh', '-c', TICK);
    const logs = start('logs', '-f', 'ticker');
    logs.closeStdoutAfterFirstRead();
    expect(await logs.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await inspect('ticker')).toMatchObject({ state: 'running' });
  });

  test('ends run, which kills its container', async () => {
    const run = start('run', '--name', 'ticker', '--', 'sh', '-c', TICK);
    run.closeStdoutAfterFirstRead();
    expect(await run.ended).toMatchObject({ code: 137, stderr: '' });
    expect(await inspect('ticker')).toMatchObject({ state: 'exited', signal: 'SIGKILL' });
  });
});

describe('Ctrl-C', () => {
  test('ends stats with 0', async () => {
    await world.plimsoll('run', '-d', '--name', 'idle', '--', 'sleep', 'infinity');
    const stats = start('stats', '--json', 'idle');
    await until('the first sample is read', () => stats.stdout.includes('\n'));
    stats.signal('SIGINT');
    // A client that has lost its agent waits 45 s for its return; a closed one waits for nothing.
    const late = delay(30_000, 'it goes on', { ref: false });
    expect(await Promise.race([stats.ended, late])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const)(
    '%s reaches the container of a run as itself',
    async (signal) => {
      const name = signal.slice(3);
      const run = start('run', '--', 'sh', '-c', `trap 'echo got ${name}; exit 5' ${name}; ${TICK}`);
      await until('the container runs', () => run.stdout.includes('tick'));
      run.signal(signal);
      const { code, stdout, stderr } = await run.ended;
      expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
      expect(stdout).toContain(`got ${name}\n`);
    },
  );

  test('kill -9 of a run leaves its container running, and --rm removes it when it has ended', async () => {
    const run = start('run', '--rm', '--name', 'orphan', '--', 'sh', '-c', `trap 'exit 3' USR1; ${TICK}`);
    await until('the container runs', () => run.stdout.includes('tick'));
    run.signal('SIGKILL');
    await run.ended.catch(() => {});
    expect(await inspect('orphan')).toMatchObject({ state: 'running' });
    await (await world.client()).command('container.kill', { container: 'orphan', signal: 'USR1' });
    await until('it is removed', async () => (await world.plimsoll('ps', '-q')).stdout === '');
  });
});

test('runs with the Node of the project, whatever the host has', async () => {
  const { PLIMSOLL_ROOT } = world.environment;
  const run = world.plimsollProcess(['run', '--rm', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'], {
    PLIMSOLL_ROOT,
    PATH: '/nowhere',
  });
  started.push(run);
  expect(await run.ended).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});
