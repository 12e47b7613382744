import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ForeignCgroups, HIERARCHIES } from '../support/foreign-cgroups.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
let foreign: ForeignCgroups;
beforeAll(async () => {
  world = await World.shared();
  foreign = new ForeignCgroups();
});
afterAll(async () => {
  await foreign[Symbol.asyncDispose]();
});

async function isFrozen(path: string): Promise<boolean | null> {
  const { cgroup } = await (await world.client()).command('kernel.cgroup', { path });
  return cgroup.frozen;
}

test('lists, shows, freezes, thaws and kills cgroups of others, with the path typed once more', async () => {
  const hierarchy = HIERARCHIES.has('v2') ? 'v2' : 'freezer';
  const path = foreign.make('web');
  const pid = foreign.start(path, [hierarchy]);
  // The kernel sets the arguments at the end of an exec.
  await until("it has exec'd", () => readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== '');
  const listed = await world.plimsoll('cgroup', 'ls');
  expect(listed.stdout).toMatch(/^\/ +root +populated/m);
  expect(listed.stdout).toMatch(new RegExp(`^${path} +other +populated`, 'm'));
  expect(JSON.parse((await world.plimsoll('cgroup', 'ls', '--json')).stdout)).toContainEqual(
    expect.objectContaining({ path, owner: 'other', populated: true }),
  );
  expect((await world.plimsoll('cgroup', 'inspect', path)).stdout).toMatch(new RegExp(`^${pid} +0 +sleep +/bin/sleep`, 'm'));

  expect(await world.plimsoll('cgroup', 'freeze', path)).toMatchObject({ code: 2, stdout: '' });
  expect(await world.plimsoll('cgroup', 'freeze', path, '--confirm', 'web')).toMatchObject({ code: 1, stdout: '' });
  expect(await isFrozen(path)).toBe(false);
  expect(await world.plimsoll('cgroup', 'freeze', path, '--confirm', path)).toMatchObject({ code: 0, stdout: `${path}\n` });
  expect(await isFrozen(path)).toBe(true);
  expect(await world.plimsoll('cgroup', 'thaw', path, '--confirm', path)).toMatchObject({ code: 0 });
  expect(await world.plimsoll('cgroup', 'kill', path, '--confirm', path)).toMatchObject({ code: 0 });
  // Its parent, which is this process, has to reap it.
  await until('it is gone', () => !existsSync(`/proc/${pid}`));
  expect(await world.plimsoll('cgroup', 'freeze', '/', '--confirm', '/')).toMatchObject({ code: 1 });
});
