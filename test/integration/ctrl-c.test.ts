import { afterEach, beforeAll, expect, test } from 'vitest';
import { Command } from '../support/command-line.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => void (world = await World.shared()));
afterEach(async () => {
  const { stdout } = await world.plimsoll('ps', '-q');
  if (stdout !== '') await world.plimsoll('rm', '-f', ...stdout.trim().split('\n'));
});

const TICK = 'while :; do echo tick; sleep 0.01; done';

/** A run that somebody has typed, which has begun to write. */
async function typed(script: string): Promise<Command> {
  const run = new Command(['run', '--name', 'web', '--', 'sh', '-c', script], world.environment, { hasTerminal: true });
  await until('the container runs', () => run.stdout.includes('tick'));
  return run;
}

test('on a terminal the first Ctrl-C interrupts the container and stops it, and says what comes', async () => {
  const run = await typed(`trap 'echo interrupted' INT; trap 'exit 5' TERM; ${TICK}`);
  run.signal('SIGINT');
  const { code, stdout, stderr } = await run.ended;
  expect({ code, stderr }).toEqual({ code: 5, stderr: 'stopping web, killed in 10 s; Ctrl-C again kills now\n' });
  expect(stdout).toContain('interrupted\n');
});

test('the second Ctrl-C kills it', async () => {
  const run = await typed(`trap 'echo asked' TERM INT; ${TICK}`);
  run.signal('SIGINT');
  await until('the container was asked', () => run.stdout.includes('asked'));
  run.signal('SIGINT');
  expect((await run.ended).code).toBe(137);
});

test('any other signal is passed on and nothing else', async () => {
  const run = await typed(`trap 'echo got TERM' TERM; trap 'exit 4' HUP; ${TICK}`);
  run.signal('SIGTERM');
  await until('it has got the signal', () => run.stdout.includes('got TERM'));
  run.signal('SIGHUP');
  expect(await run.ended).toMatchObject({ code: 4, stderr: '' });
});

test('a signal that cannot reach a frozen container is told of', async () => {
  const run = await typed(TICK);
  await world.plimsoll('freeze', 'web');
  run.signal('SIGTERM');
  await until('it is told', () => run.stderr.includes('frozen'));
  await world.plimsoll('kill', 'web');
  expect((await run.ended).code).toBe(137);
});

test('a run whose start a frozen group holds up ends by SIGTERM', async () => {
  await world.plimsoll('group', 'create', 'ice');
  await world.plimsoll('group', 'freeze', 'ice');
  const run = new Command(['run', '--group', 'ice', '--', 'true'], world.environment);
  await until('it is held up', () => run.stderr.includes('is thawed'));
  run.signal('SIGTERM');
  const { code, stderr } = await run.ended;
  expect(code).toBe(125);
  expect(stderr).toContain('was killed while it waited to start');
  await world.plimsoll('group', 'rm', '--force', 'ice');
});
