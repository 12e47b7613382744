import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Command } from '../support/command-line.ts';
import { cpuQuota, cpuWeight, isFrozenNow, pidsLimit } from '../support/kernel-files.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => void (world = await World.shared()));
afterEach(async () => {
  await world.plimsoll('group', 'rm', '--force', 'acme');
  await expect(world.plimsoll('ps', '-q')).resolves.toMatchObject({ stdout: '' });
});

/** What it prints; throws with its error where it fails. */
async function plimsoll(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await world.plimsoll(...args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code}: ${stderr}`);
  return stdout.trim();
}

const json = async (...args: string[]): Promise<unknown> => JSON.parse(await plimsoll(...args, '--json')) as unknown;

describe('plimsoll group', () => {
  test('makes, lists, changes and removes groups', async () => {
    expect(await plimsoll('group', 'create', '--name', 'Acme', '--cpus', '0.5', '--pids', '50', 'acme')).toBe('acme');
    const id = await plimsoll('run', '-d', '--group', 'acme/web', '--', 'sleep', 'infinity');
    expect(pidsLimit(world.cgroup('acme'))).toBe(50);
    const table = await plimsoll('group', 'ls');
    expect(table).toMatch(/^acme +Acme +1 of 1 +active +cpus 0.5, pids 50$/m);
    expect(table).toMatch(/^acme\/web +1 of 1 +active$/m);

    const said = await plimsoll('group', 'set', '--pids', 'none', '--cpu-weight', '300', '--name', '', 'acme');
    expect(said.split('\n')[0]).toBe('acme');
    expect(said).toContain('pids.max');
    expect([pidsLimit(world.cgroup('acme')), cpuWeight(world.cgroup('acme'))]).toEqual([null, 300]);
    expect(await json('group', 'ls')).toMatchObject([
      { path: 'acme', displayName: null, kept: true, limits: { cpus: 0.5, cpuWeight: 300 } },
      { path: 'acme/web', kept: false },
    ]);

    const refused = await world.plimsoll('group', 'rm', 'acme');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('Group "acme" holds 1 container and 1 group');
    expect(await plimsoll('group', 'rm', '-f', 'acme')).toBe('acme');
    await expect(world.plimsoll('inspect', id)).resolves.toMatchObject({ code: 1 });
  });

  test('removes groups one after another, and parents after what is in them', async () => {
    await plimsoll('group', 'create', 'acme/web/front');
    expect(await plimsoll('group', 'rm', 'acme/web/front', 'acme/web', 'acme')).toBe('acme/web/front\nacme/web\nacme');
    await plimsoll('group', 'create', 'acme');
    await plimsoll('group', 'create', 'acme/web/front');
    expect(await plimsoll('group', 'rm', 'acme/web/front', 'acme/web', 'acme')).toBe('acme/web/front\nacme/web\nacme');
    expect(await json('group', 'ls')).toEqual([]);

    await plimsoll('group', 'create', 'acme/web');
    const refused = await world.plimsoll('group', 'rm', 'acme', 'acme/web', 'nobody');
    expect(refused).toMatchObject({ code: 1, stdout: 'acme/web\n' });
    expect(refused.stderr).toContain('Group "acme" holds 1 group');
    expect(refused.stderr).toContain('There is no group "nobody"');
  });

  test('freezes, explains what holds a container, thaws and kills', async () => {
    const id = await plimsoll('run', '-d', '--name', 'web', '--group', 'acme', '--', 'sleep', 'infinity');
    expect(await plimsoll('group', 'freeze', 'acme')).toBe('acme');
    expect(isFrozenNow(world.cgroup(`acme/${id}`))).toBe(true);
    expect(await plimsoll('ps')).toMatch(/web .* frozen \d+ s, by its group acme/);
    const alone = await world.plimsoll('thaw', 'web');
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain('its group "acme" is frozen, and holds it');
    expect(alone.stderr).toContain('plimsoll group thaw acme');
    await plimsoll('freeze', 'web');
    const both = await world.plimsoll('thaw', 'web');
    expect(both).toMatchObject({ code: 0, stdout: 'web\n' });
    expect(both.stderr).toBe('web stays frozen: by its group acme\n');
    await plimsoll('group', 'thaw', 'acme');
    expect(isFrozenNow(world.cgroup(`acme/${id}`))).toBe(false);
    await plimsoll('group', 'kill', 'acme');
    expect(await plimsoll('ps')).toMatch(/web .* exited 137 \(SIGKILL\)/);
  });

  test('has a run in a frozen group wait, and say so', async () => {
    await plimsoll('group', 'create', 'acme');
    await plimsoll('group', 'freeze', 'acme');
    const detached = await world.plimsoll('run', '-d', '--name', 'later', '--group', 'acme', '--', 'sleep', 'infinity');
    expect(detached.stderr).toBe('later starts when group acme is thawed: `plimsoll group thaw acme`\n');
    expect(await plimsoll('ps')).toMatch(/later .* starting, frozen by acme/);

    const attached = new Command(['run', '--rm', '--group', 'acme', '--', 'echo', 'at last'], world.environment);
    await until('it says that it waits', () => attached.stderr !== '');
    expect(attached.stdout).toBe('');
    await plimsoll('group', 'thaw', 'acme');
    expect(await attached.ended).toMatchObject({ code: 0, stdout: 'at last\n' });
  });
});

describe('plimsoll update', () => {
  test('changes a running container and prints what the kernel says', async () => {
    const id = await plimsoll('run', '-d', '--name', 'web', '--group', 'acme', '--pids', '5', '--', 'sleep', 'infinity');
    const said = await plimsoll('update', '--cpus', '0.25', '--pids', 'none', 'web');
    expect(said).toMatch(/^web\n/);
    const cgroup = world.cgroup(`acme/${id}`);
    expect(cpuQuota(cgroup).quotaUs).toBe(25_000);
    expect(pidsLimit(cgroup)).toBeNull();
    expect(await json('update', '--cpus', 'none', 'web')).toMatchObject({ container: { limits: {} } });
    expect(cpuQuota(cgroup).quotaUs).toBeNull();
  });

  test.each([
    [['web'], 'say which limit to change'],
    [['--cpus', 'many', 'web'], '--cpus "many"'],
    [['--io', 'sda:rbps=1', 'web'], 'write it as DEVICE:rbps=10m'],
    [['--cpus', '1'], 'name one container'],
  ])('%j is wrong usage', async (args, words) => {
    const { code, stderr } = await world.plimsoll('update', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
