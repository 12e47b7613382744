import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Command } from '../support/command-line.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => void (world = await World.shared()));

test('logs -f that lost bytes says how many, and exits with 1', async () => {
  const client = await world.client();
  const { id } = await client.command('container.run', { command: ['sh', '-c', 'echo one; exec sleep infinity'] });
  const command = new Command(['logs', '-f', id], world.environment);
  await until('it follows', () => command.stdout === 'one\n');
  const log = join(world.state.lib, 'containers', id, 'log');
  const entry = (tag: string, text: string): string => `2026-11-23T22:50:01.123456789Z stdout ${tag} ${text}\n`;
  // As a supervisor leaves it that has rotated it several times while the agent did not run.
  rmSync(log);
  writeFileSync(`${log}.1`, entry('P:from=1004', '') + entry('F', 'later'));
  writeFileSync(log, entry('P:from=1010', ''));
  await until('it has gone on', () => command.stdout === 'one\nlater\n');
  await client.command('container.kill', { container: id });
  expect(await command.ended).toMatchObject({
    code: 1,
    stdout: 'one\nlater\n',
    stderr: 'plimsoll: 1000 bytes were not read: the log was overwritten before\n',
  });
});
