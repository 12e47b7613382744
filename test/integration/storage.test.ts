// @module-tag kernel

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectQuotas, projectOf, setProject, whyNoProjectQuotas } from '@plimsoll/core';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { DEFAULT_PIDS } from '@plimsoll/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { ownDirectory } from '../support/leftovers.ts';
import { writeProgramLayer } from '../support/stress-layer.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
/** It sets the project of a file (e2fsprogs). */
const CHATTR = '/usr/bin/chattr';
/** Where worlds are made: in the virtual machine an ext4 with project quotas. */
const WHY_NONE = whyNoProjectQuotas(ownDirectory());

let world: World;
beforeAll(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world?.end('agent', 'SIGTERM'));
afterAll(async () => await world?.[Symbol.asyncDispose]());

const upperOf = ({ id }: Pick<ContainerRecord, 'id'>) => join(world.state.lib, 'containers', id, 'upper');
const quotas = () => new ProjectQuotas(world.state.lib);

/** What the kernel has of a container's project. */
function quotaOf(container: Pick<ContainerRecord, 'id'>) {
  using all = quotas();
  return all.use(projectOf(upperOf(container)));
}

/** Limits that are in force on the whole file system, in the range that Plimsoll uses. */
function limitsInForce(): number[] {
  using all = quotas();
  const ids: number[] = [];
  for (let one = all.next(2 ** 30); one !== null && one.id < 2 ** 31; one = all.next(one.id + 1)) {
    if (one.limitBytes !== null) ids.push(one.id);
  }
  return ids;
}

/** Runs a shell's script, and resolves with what it has printed when it has ended. */
async function outputOf(script: string, storageBytes?: number, more = {}): Promise<string> {
  const limits = storageBytes === undefined ? {} : { storageBytes };
  const { id } = await world.run(['sh', '-c', script], { limits, ...more });
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  return world.log(id);
}

/** Appends 64 KiB to a file again and again, and prints how each went. */
const WRITER = 'while :; do head -c 64K /dev/zero >>/more && echo wrote || echo refused; sleep 0.3; done 2>/dev/null';

describe.runIf(WHY_NONE === null)('where the file system has project quotas', () => {
  test('a container that writes more than its limit is refused, and another one goes on', async () => {
    const output = await outputOf(
      'head -c 8M /dev/zero >/big; echo "status $?"; wc -c </big; df -k --output=size / | tail -n 1',
      2 * MEBIBYTE,
    );
    expect(output).toMatch(/head: .*(?:quota|No space)/i);
    expect(output).toContain('stdout F status 1');
    const [, written = '0', sizeKib = '0'] = /F (\d+)\n.*F +(\d+)\n/.exec(output) ?? [];
    expect(Number(written)).toBeGreaterThan(MEBIBYTE);
    expect(Number(written)).toBeLessThanOrEqual(2 * MEBIBYTE);
    expect(Number(sizeKib)).toBe(2048);
    await expect(outputOf('head -c 8M /dev/zero >/big; echo "status $?"', 64 * MEBIBYTE)).resolves.toContain('F status 0');
    await expect(outputOf('head -c 8M /dev/zero >/big; echo "status $?"')).resolves.toContain('F status 0');
  });

  test('the limit holds in the user namespace of the host too, and over files of the image', async () => {
    // Each is copied from the image into the layer.
    const script = 'for f in /bin/* /usr/bin/*; do [ -L $f ] || touch $f || break; done';
    const output = await outputOf(script, MEBIBYTE, { namespaces: { user: 'host' } });
    expect(output).toMatch(/quota|No space/i);
  });

  test.runIf(existsSync(CHATTR))('no process of a container can take its files out of its project', async () => {
    const layer = join(world.state.lib, 'chattr');
    mkdirSync(layer);
    writeProgramLayer(layer, CHATTR);
    const script =
      'echo x >/file; for f in / /file; do chattr -p 0 $f; echo "status $?"; done; head -c 4M /dev/zero >/big; echo "status $?"';
    const definition = await world.define({ command: ['sh', '-c', script], limits: { storageBytes: MEBIBYTE } });
    definition.layers.unshift(layer);
    const container = await world.link.request('run', { definition }, REQUEST_DEADLINE_MS);
    await world.link.request('wait', { id: container.id }, REQUEST_DEADLINE_MS);
    expect(world.log(container.id).match(/status \d/g)).toEqual(['status 1', 'status 1', 'status 1']);
    expect(quotaOf(container).bytes).toBeGreaterThan(MEBIBYTE / 2);
  });

  test('a change holds at once, and is read back from the kernel', async () => {
    const { id } = await world.run(['sh', '-c', WRITER], { limits: { storageBytes: MEBIBYTE / 2 } });
    const last = async (result: string) => await until(`it is ${result}`, () => world.log(id).trimEnd().endsWith(` F ${result}`));
    await last('refused');
    const change = async (storageBytes: number | null) =>
      await world.link.request('update', { id, limits: { storageBytes } }, REQUEST_DEADLINE_MS);
    const raised = await change(8 * MEBIBYTE);
    expect(raised.record.limits).toEqual({ storageBytes: 8 * MEBIBYTE });
    expect(raised.kernel).toEqual([{ file: `project quota ${projectOf(upperOf({ id }))}`, reads: String(8 * MEBIBYTE) }]);
    await last('wrote');
    await change(64 * 1024);
    await last('refused');
    const taken = await change(null);
    expect([taken.record.limits, taken.kernel[0]?.reads]).toEqual([{}, 'none']);
    await last('wrote');
    expect(quotaOf({ id }).limitBytes).toBeNull();
  });

  test('a limit outlives a supervisor that is killed, and an end and a start; it goes with its container', async () => {
    const before = limitsInForce();
    const first = await world.run(['sleep', 'infinity'], { limits: { storageBytes: 3 * MEBIBYTE } });
    const second = await world.run(['sleep', 'infinity'], { limits: { storageBytes: 3 * MEBIBYTE } });
    const third = await world.run(['sleep', 'infinity'], {});
    const projects = [first, second, third].map((one) => projectOf(upperOf(one)));
    expect(new Set(projects).size).toBe(3);
    expect(projects.every((id) => id >= 2 ** 30 && id < 2 ** 31)).toBe(true);
    {
      // Somebody else's change is undone.
      using all = quotas();
      all.limit(quotaOf(second).id, 100 * MEBIBYTE);
    }
    await world.end('supervisor');
    await world.startSupervisor();
    expect([first, second, third].map((one) => quotaOf(one).limitBytes)).toEqual([3 * MEBIBYTE, 3 * MEBIBYTE, null]);
    expect([first, second, third].map((one) => projectOf(upperOf(one)))).toEqual(projects);
    await world.link.request('kill', { id: first.id }, REQUEST_DEADLINE_MS);
    const again = await world.link.request('start', { id: first.id }, REQUEST_DEADLINE_MS);
    expect([again.limits, quotaOf(first).limitBytes]).toEqual([{ storageBytes: 3 * MEBIBYTE }, 3 * MEBIBYTE]);
    for (const { id } of [first, second, third]) await world.link.request('remove', { id, force: true }, REQUEST_DEADLINE_MS);
    await until('their limits are gone', () => limitsInForce().every((id) => before.includes(id)));
  });

  test('a layer whose directories a reset has lost gets a project again', async () => {
    const { id } = await world.link.request(
      'create',
      {
        definition: await world.define({
          command: ['sh', '-c', 'head -c 4M /dev/zero >/big; echo "status $?"'],
          limits: { storageBytes: MEBIBYTE },
        }),
      },
      REQUEST_DEADLINE_MS,
    );
    for (const name of ['upper', 'work']) rmSync(join(world.state.lib, 'containers', id, name), { recursive: true });
    await world.link.request('start', { id }, REQUEST_DEADLINE_MS);
    await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
    expect(world.log(id)).toContain('F status 1');
  });

  test('a supervisor clears limits of projects that no file belongs to', async () => {
    const directory = mkdtempSync(join(world.state.lib, 'project-'));
    const [unused, used, foreign] = [2 ** 30 + 4711, 2 ** 30 + 4712, 4711] as const;
    setProject(directory, used);
    {
      using all = quotas();
      for (const id of [unused, used, foreign]) all.limit(id, MEBIBYTE);
    }
    await world.end('supervisor');
    await world.startSupervisor();
    using all = quotas();
    expect([unused, used, foreign].map((id) => all.use(id).limitBytes)).toEqual([null, MEBIBYTE, MEBIBYTE]);
    for (const id of [used, foreign]) all.limit(id, null);
  });

  test('a layer from before there were quotas is refused a limit, in words', async () => {
    const { id } = await world.run(['sh', '-c', 'echo x >/file; sleep infinity'], {});
    const upper = upperOf({ id });
    await until('it has written', () => readdirSync(upper).includes('file'));
    // As it would be had the supervisor that made it found no quotas.
    for (const directory of [upper, join(upper, '../work')]) setProject(directory, 0);
    const change = world.link.request('update', { id, limits: { storageBytes: MEBIBYTE } }, REQUEST_DEADLINE_MS);
    await expect(change).rejects.toMatchObject({ code: 'conflict', field: 'limits.storageBytes' });
  });

  test('the command line sets and shows it with the exact use, and the settings have a default', async () => {
    await world.startAgent({ PLIMSOLL_STORAGE_SIZE: '16m' });
    using client = await connect(world.state);
    const script = 'head -c 5M /dev/zero >/five; sleep infinity';
    const run = await world.plimsoll('run', '-d', '--name', 'limited', '--storage-opt', 'size=8m', '--', 'sh', '-c', script);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const usual = await client.command('container.create', { command: ['true'] });
    expect(usual.limits).toEqual({ pids: DEFAULT_PIDS, storageBytes: 16 * MEBIBYTE });
    const { id, limits } = await client.command('container.inspect', { container: 'limited' });
    expect(limits).toEqual({ pids: DEFAULT_PIDS, storageBytes: 8 * MEBIBYTE });
    await until('its use is that of the quota', async () => {
      const [stats] = await client.command('container.stats', { containers: [id] });
      return (stats?.diskBytes ?? 0) >= 5 * MEBIBYTE && stats?.diskBytes === quotaOf({ id }).bytes;
    });
    // Of a container that is named the layer is read now, and not up to ten seconds ago.
    expect((await world.plimsoll('stats', '--no-stream', 'limited')).stdout).toMatch(/limited .* 5\.\d+ MiB \/ 8(?:\.00)? MiB/);
    await client.command('container.kill', { container: id });
    expect((await world.plimsoll('inspect', 'limited')).stdout).toMatch(/disk +5\.\d+ MiB of 8(?:\.00)? MiB/);
    const { kernelFeatures, defaultStorageBytes } = await client.command('host.report', {});
    expect(defaultStorageBytes).toBe(16 * MEBIBYTE);
    expect(kernelFeatures.find(({ name }) => name === 'project quotas')).toMatchObject({ available: true });
  });
});

describe.runIf(WHY_NONE !== null)('where the file system has no project quotas', () => {
  test('a limit is refused with what to do, and nothing is left', async () => {
    await world.startAgent();
    const { code, stderr } = await world.plimsoll('run', '--name', 'limited', '--storage-opt', 'size=1g', '--', 'true');
    expect(code).toBe(125);
    expect(stderr).toMatch(/a layer cannot be limited here: .* enforces no project quotas/);
    expect(stderr).toContain('prjquota');
    await until('nothing is left', () => readdirSync(join(world.state.lib, 'containers')).length === 0);
    using client = await connect(world.state);
    const { id } = await client.command('container.run', { command: ['sleep', 'infinity'] });
    const change = client.command('container.update', { container: id, limits: { storageBytes: MEBIBYTE } });
    await expect(change).rejects.toMatchObject({ code: 'unsupported-on-host', field: 'limits.storageBytes' });
    await expect(client.command('container.update', { container: id, limits: { storageBytes: null } })).resolves.toMatchObject({
      container: { limits: {} },
    });
  });

  test('a default in the settings refuses nobody, and the host says that it is not enforced', async () => {
    await world.startAgent({ PLIMSOLL_STORAGE_SIZE: '1g' });
    const { code } = await world.plimsoll('run', '-d', '--name', 'usual', '--', 'sleep', 'infinity');
    expect(code).toBe(0);
    using client = await connect(world.state);
    expect((await client.command('container.inspect', { container: 'usual' })).limits).toEqual({ pids: DEFAULT_PIDS });
    const report = await client.command('host.report', {});
    expect(report.defaultStorageBytes).toBeNull();
    const { available, detail } = report.kernelFeatures.find(({ name }) => name === 'project quotas') ?? {};
    expect([available, detail]).toEqual([false, expect.stringContaining('PLIMSOLL_STORAGE_SIZE (1 GiB) is not enforced')]);
  });
});
