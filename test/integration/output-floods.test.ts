import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WITHOUT_PROBE } from '../support/probe/probe.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const SOURCE = join(import.meta.dirname, '../support/passed-output/passed-output.c');

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

const lines = (log: string): string[] => log.split('\n').map((line) => line.slice(31));

describe.skipIf(WITHOUT_PROBE !== null)(
  `output that another container has got hold of (${WITHOUT_PROBE ?? 'SCM_RIGHTS'})`,
  () => {
    test('holds up neither its end nor any other request', async () => {
      const shared = join(world.directory, 'shared');
      mkdirSync(shared);
      chmodSync(shared, 0o777);
      execFileSync('cc', ['-O1', '-Wall', '-static', '-o', join(shared, 'program'), SOURCE]);
      const request = { mounts: [{ kind: 'bind' as const, source: shared, destination: '/shared' }] };
      const flooding = await world.run(['/shared/program', 'flood', '/shared/socket'], request);
      const passing = await world.run(['/shared/program', 'pass', '/shared/socket'], request);
      await until('it floods', () => lines(world.log(flooding.id)).includes('stdout F floods'));
      await until('its end is on record', async () => (await world.record(passing.id))?.state.status === 'exited');
      expect((await world.record(passing.id))?.lastExit).not.toBeNull();
      const other = await world.run(['true']);
      expect((await world.link.request('wait', { id: other.id }, REQUEST_DEADLINE_MS)).state.status).toBe('exited');
    });
  },
);

test('a flood of newlines makes its writer wait, and nothing is lost', async () => {
  // Some more than one file of the log takes.
  const count = 500_000;
  const { id } = await world.run(['sh', '-c', `yes "" | head -n ${count}; echo end`]);
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  const before = readFileSync(join(world.state.lib, 'containers', id, 'log.1'), 'utf8');
  const found = lines(before + world.log(id));
  expect(found.slice(-2)).toEqual(['stdout F end', '']);
  expect(found.filter((line) => line === 'stdout F ')).toHaveLength(count);
});
