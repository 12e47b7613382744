// @module-tag kernel

import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { removeCgroup, updateCgroup, type Cgroup, type CgroupLayout, type NamespaceType, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMount } from '../../apps/agent/src/agent/isolation/mount-info.ts';
import { Core, type ContainerOptions } from '../support/core.ts';
import { readUnified, valueOf } from '../support/kernel-files.ts';
import { HOST_LAYOUT, LAYOUTS } from '../support/layouts.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const DIRECTORY = '/sys/fs/cgroup';
const LIMITS = { memoryBytes: 64 * MEBIBYTE, pids: 17, cpus: 0.25 };
const READ_ONLY = 'Read-only file system';

/** Files that say a limit, below the directory of the mount: what runtimes read. */
const V2_LIMITS = { 'memory.max': String(64 * MEBIBYTE), 'pids.max': '17', 'cpu.max': '25000 100000' };
const V1_LIMITS = {
  'memory/memory.limit_in_bytes': String(64 * MEBIBYTE),
  'pids/pids.max': '17',
  'cpu/cpu.cfs_quota_us': '25000',
  'cpu/cpu.cfs_period_us': '100000',
};

function limitFiles({ kind }: CgroupLayout): Record<string, string> {
  return kind === 'v2' ? V2_LIMITS : V1_LIMITS;
}

/** A shell's script that prints these files, a line each. */
function printing(files: readonly string[]): string {
  return `cd ${DIRECTORY}; for file in ${files.join(' ')}; do echo "$file $(cat $file)"; done`;
}

const expectedLines = (files: Record<string, string>) => Object.entries(files).map(([file, value]) => `${file} ${value}`);

/** Types and places: the v2 tree alone, or each hierarchy in a directory of a tmpfs as the host names it. */
function expectedMounts({ kind, unified, controllers }: CgroupLayout): string[] {
  if (kind === 'v2') return [`cgroup2 ${DIRECTORY}`];
  const v1 = new Set([...controllers.values()].filter(({ version }) => version === 1).map(({ mount }) => basename(mount)));
  const places = [...v1].map((name) => `cgroup ${DIRECTORY}/${name}`);
  return [`tmpfs ${DIRECTORY}`, ...places, ...(unified === null ? [] : [`cgroup2 ${DIRECTORY}/unified`])];
}

/** The mounts on the directory and below it, as a process of the container sees them. */
async function cgroupMounts(core: Core, options: ContainerOptions = {}) {
  const mounts = (await core.shell('cat /proc/self/mountinfo', options)).split('\n').map(parseMount);
  return mounts.filter(({ mountPoint }) => mountPoint === DIRECTORY || mountPoint.startsWith(`${DIRECTORY}/`));
}

const inHosts =
  (...types: readonly NamespaceType[]) =>
  ({ linux }: OciConfig): void => {
    linux.namespaces = linux.namespaces.filter(({ type }) => !types.includes(type));
    if (!types.includes('user')) return;
    delete linux.uidMappings;
    delete linux.gidMappings;
  };

for (const { name, layout, there } of LAYOUTS) {
  describe.runIf(there)(`a container on ${name}`, () => {
    let core: Core;
    beforeAll(async () => void (core = await Core.make({ layout })));
    afterAll(async () => await core[Symbol.asyncDispose]());

    const files = limitFiles(layout);
    const script = printing(Object.keys(files));

    test('reads its own limits', async () => {
      expect((await core.shell(script, { limits: LIMITS })).split('\n')).toEqual(expectedLines(files));
    });

    test('has a read-only mount for each hierarchy in which it has a cgroup, whose root is that cgroup', async () => {
      const mounts = await cgroupMounts(core);
      const attributes = { root: '/', options: 'ro,nosuid,nodev,noexec,relatime', propagation: 'private' };
      for (const mount of mounts) expect(mount).toMatchObject(attributes);
      const seen = mounts.map(({ mountPoint, fsType }) => `${fsType} ${mountPoint}`);
      expect(seen.toSorted()).toEqual(expectedMounts(layout).toSorted());
    });

    test('finds its own processes there, and no other cgroup above or below', async () => {
      const directory = layout.kind === 'v2' ? DIRECTORY : `${DIRECTORY}/memory`;
      const look = `cat ${directory}/cgroup.procs; ls ${directory}/..; find ${directory} -mindepth 1 -type d`;
      const [first, ...rest] = (await core.shell(`${look}; :`)).split('\n');
      expect(first).toBe('1');
      const above = (await core.shell(layout.kind === 'v2' ? 'ls /sys/fs' : `ls ${DIRECTORY}`)).split('\n');
      // Another line of cgroup.procs is the process that reads it.
      expect(rest.filter((line) => !/^\d+$/.test(line))).toEqual(above);
    });

    test('sees a limit that changes while it runs', async () => {
      const [file = ''] = Object.keys(files);
      const args = ['/bin/sh', '-c', `until grep -q ${32 * MEBIBYTE} ${DIRECTORY}/${file}; do sleep 0.01; done; echo changed`];
      await using container = core.container({ args, limits: LIMITS });
      const { process, settle } = await container.start();
      updateCgroup(container.cgroup, { memory: { limit: 32 * MEBIBYTE } });
      expect(await process.exited).toMatchObject({ code: 0 });
      await settle();
      expect(container.output().stdout).toBe('changed\n');
    });

    test.each<[string, ContainerOptions]>([
      ['in the host’s user namespace', { edit: inHosts('user') }],
      ['in the host’s network', { edit: inHosts('user', 'network') }],
      ['in the host’s cgroup namespace', { edit: inHosts('cgroup') }],
      ['with a read-only rootfs', { edit: ({ root }) => void (root.readonly = true) }],
    ])('reads its own limits %s, and changes none', async (_, options) => {
      const edit = (config: OciConfig): void => options.edit?.(config);
      expect((await core.shell(script, { limits: LIMITS, edit })).split('\n')).toEqual(expectedLines(files));
      const [file = ''] = Object.keys(files);
      const { stderr } = await core.run(['/bin/sh', '-c', `echo 1 > ${DIRECTORY}/${file}`], { limits: LIMITS, edit });
      expect(stderr).toContain(READ_ONLY);
    });

    test('shows its cgroup under its whole path where it shares the host’s cgroup namespace', async () => {
      await using container = core.container({ args: ['cat', '/proc/self/mountinfo'], edit: inHosts('cgroup') });
      const { process, settle } = await container.start();
      await process.exited;
      await settle();
      const mounts = container.output().stdout.trim().split('\n').map(parseMount);
      const roots = mounts.filter(({ fsType }) => /^cgroup2?$/.test(fsType)).map(({ root }) => root);
      expect(new Set(roots)).toEqual(new Set([`/${container.request.config.linux.cgroupsPath}`]));
    });

    test('leaves no cgroup behind, while its mounts are held and after', async () => {
      await using warm = core.container({ args: ['sleep', 'infinity'] });
      await (await warm.start()).settle();
      const group = warm.cgroup.parent as Cgroup;
      const before = dying(group);
      for (let i = 0; i < 10; i++) {
        await using container = core.container({ args: ['/bin/sh', '-c', `${script} > /dev/null`], limits: LIMITS });
        const { process, settle } = await container.start();
        await process.exited;
        await settle();
        removeCgroup(container.cgroup);
        const { mounts, path } = container.cgroup;
        expect(mounts.filter((mount) => existsSync(`${mount}/${path}`))).toEqual([]);
        // Its mounts are released as it is disposed of.
        if (i < 9) continue;
        // Each cpu may keep the last cgroup that it charged memory to (mm/memcontrol.c, memcg_stock).
        await until('the kernel has freed the cgroups', () => dying(group) <= before + cpus().length);
      }
    });
  });
}

/** How many removed cgroups below it the kernel still keeps; 0 without a v2 tree. */
function dying(group: Cgroup): number {
  if (group.layout.unified === null) return 0;
  return Number(valueOf(readUnified(group, 'cgroup.stat'), 'nr_dying_descendants') ?? 0n);
}

const hasV1 = HOST_LAYOUT.kind !== 'v2';

describe.runIf(hasV1)('the directory of the v1 hierarchies', () => {
  let core: Core;
  afterAll(async () => await core[Symbol.asyncDispose]());

  test('has links to one that is mounted for several controllers', async () => {
    const cpu = HOST_LAYOUT.controllers.get('cpu');
    if (cpu === undefined) throw new Error('this host has no cpu controller');
    // As systemd mounts them; here the second name stands for a hierarchy that has the first controller alone.
    const controllers = new Map([...HOST_LAYOUT.controllers, ['cpuacct', cpu] as const]);
    core = await Core.make({ layout: { ...HOST_LAYOUT, controllers } });
    const script = `cd ${DIRECTORY}; readlink cpu cpuacct; cat cpu/cpu.cfs_quota_us cpuacct/cpu.cfs_quota_us`;
    expect((await core.shell(script, { limits: LIMITS })).split('\n')).toEqual(['cpu,cpuacct', 'cpu,cpuacct', '25000', '25000']);
  });

  test('is each container’s own, and has no room for anything else', async () => {
    const script = `stat -c %d ${DIRECTORY}; stat -c '%a %u:%g' ${DIRECTORY}; stat -f -c %d ${DIRECTORY}`;
    await using one = core.container({ args: ['/bin/sh', '-c', `${script}; exec sleep infinity`] });
    await (await one.start()).settle();
    const theirs = (await until('it has printed', () => one.output().stdout.trim())).split('\n');
    const ours = (await core.shell(script)).split('\n');
    expect(ours[0]).not.toBe(theirs[0]);
    expect(ours.slice(1)).toEqual(['755 0:0', '0']);
  });
});
