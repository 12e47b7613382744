// @module-tag kernel

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_MASKED_PATHS, DEFAULT_READONLY_PATHS, StartError } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';
import { until } from '../support/until.ts';

/** Podman's eleven (capabilities(7), each the bit of its number). */
const ELEVEN = '00000000800405fb';
const NONE = '0000000000000000';
const NOT_PERMITTED = 'Operation not permitted';
const READ_ONLY = 'Read-only file system';

let core: Core;
beforeAll(async () => void (core = await Core.make()));
afterAll(async () => await core[Symbol.asyncDispose]());

/** What a command writes to standard error, whether it fails or not. */
const complaint = async (command: string) => await core.shell(`{ ${command}; } 2>&1 >/dev/null; :`);

/** An image of the base's layers below one of a test's own. */
function layersBelow(name: string, fill: (layer: string) => void): string[] {
  const layer = join(core.directory, name);
  mkdirSync(layer);
  fill(layer);
  return [layer, ...core.baseLayers];
}

describe('a first process', () => {
  test('has eleven capabilities in every set, none in ambient, and gets no more by an exec', async () => {
    const { stdout } = await core.run(['cat', '/proc/self/status']);
    const status = Object.fromEntries(stdout.split('\n').map((line) => line.split(/:\s*/, 2) as [string, string]));
    expect(status).toMatchObject({ CapInh: ELEVEN, CapPrm: ELEVEN, CapEff: ELEVEN, CapBnd: ELEVEN, CapAmb: NONE });
    expect(status).toMatchObject({ NoNewPrivs: '1', SigIgn: NONE, SigBlk: NONE, SigCgt: NONE, Groups: '', Umask: '0022' });
  });

  test('has its standard streams open and nothing else', async () => {
    expect(await core.shell('ls /proc/1/fd; :')).toBe('0\n1\n2');
  });

  test('is process 1 and sees no process of the host', async () => {
    expect(await core.shell('echo $$ /proc/[0-9]*')).toBe('1 /proc/1');
  });

  test('is refused a working directory outside of the container (CVE-2024-21626)', async () => {
    for (const fd of [3, 7, 20]) {
      const cwd = `/proc/self/fd/${fd}`;
      await using container = core.container({ cwd });
      await expect(container.start()).rejects.toThrow(`enter the working directory ${cwd}: chdir: ENOENT`);
    }
  });
});

describe('namespaces', () => {
  test('are its own', async () => {
    for (const name of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']) {
      const inside = await core.shell(`readlink /proc/self/ns/${name}`);
      expect(inside).toMatch(/^\w+:\[\d+\]$/);
      expect(inside, name).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
    }
  });

  test('make it the root of every cgroup hierarchy', async () => {
    const lines = (await core.shell('cat /proc/self/cgroup')).split('\n');
    expect(lines.map((line) => line.split(':')[2])).toEqual(lines.map(() => '/'));
    expect(lines).toHaveLength(readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').length);
  });

  test('hold no mount of the host, but of its own cgroups', async () => {
    // The root of a hierarchy's mount is shown relative to the cgroup namespace: "/" is its own cgroup, and the host's would be "/../..".
    const isOwnCgroup = (line: string) => /^\d+ \d+ \S+ \/ \/sys\/fs\/cgroup.* - cgroup2? /.test(line);
    const superblocks = (mountinfo: string) =>
      mountinfo
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[2]);
    const ofHost = () => superblocks(readFileSync('/proc/self/mountinfo', 'utf8'));
    // A file system that another program unmounts leaves its number to the next one.
    const { host, inside } = await until('none came and went meanwhile', async () => {
      const before = ofHost();
      const mounts = (await core.shell('cat /proc/self/mountinfo')).split('\n');
      const inside = superblocks(mounts.filter((line) => !isOwnCgroup(line)).join('\n'));
      return isDeepStrictEqual(ofHost(), before) ? { host: new Set(before), inside } : null;
    });
    expect(inside.length).toBeGreaterThan(6);
    expect(inside.filter((superblock) => host.has(superblock))).toEqual([]);
  });

  test('have a network of the loopback device alone', async () => {
    expect(await core.shell('ls /sys/class/net')).toBe('lo');
  });

  test("keep the host's name from it", async () => {
    const before = hostname();
    expect(await core.shell('uname -n', { hostname: 'of-its-own' })).toBe('of-its-own');
    // sethostname(2) needs CAP_SYS_ADMIN, even for a name of its own.
    expect(await core.shell('echo other > /proc/sys/kernel/hostname; uname -n', { hostname: 'of-its-own' })).toBe('of-its-own');
    expect(hostname()).toBe(before);
  });
});

describe('/proc and /sys', () => {
  test('show nothing where they are masked', async () => {
    const paths = DEFAULT_MASKED_PATHS.join(' ');
    const script = `for path in ${paths}; do [ -e $path ] || continue; echo $path; if [ -d $path ]; then ls -A $path; else cat $path; fi; done`;
    const seen = (await core.shell(script)).split('\n');
    expect(seen.length).toBeGreaterThan(3);
    // Each path's own name, and no content after it.
    expect(seen).toEqual(DEFAULT_MASKED_PATHS.filter((path) => seen.includes(path)));
  });

  test('refuse to fill a masked directory', async () => {
    expect(await complaint('mkdir /sys/firmware/x')).toContain(READ_ONLY);
  });

  // A kernel without magic SysRq has no /proc/sysrq-trigger.
  test.each(DEFAULT_READONLY_PATHS.filter((path) => existsSync(path)))('refuse a change of %s', async (path) => {
    expect(await complaint(`touch -c ${path}`)).toContain(READ_ONLY);
  });

  test('refuse a change of a sysctl and of /sys', async () => {
    expect(await complaint('(echo 1 > /proc/sys/vm/drop_caches)')).toContain(READ_ONLY);
    expect(await complaint('(echo 0 > /sys/kernel/mm/transparent_hugepage/khugepaged/defrag)')).toContain(READ_ONLY);
    expect(await complaint('mkdir /sys/fs/cgroup/x')).not.toBe('');
  });

  test('cannot be uncovered', async () => {
    expect(await complaint('umount /sys/firmware')).not.toBe('');
    expect(await complaint('mount -o remount,rw /sys')).not.toBe('');
    expect(await complaint('mount -t proc proc /mnt')).not.toBe('');
  });

  test.each(['proc', 'sys', 'dev'])('are refused where an image has a symbolic link at /%s (CVE-2019-16884)', async (name) => {
    const layers = layersBelow(`link-${name}`, (layer) => symlinkSync('/tmp', join(layer, name)));
    await using container = core.container({ layers });
    const error: unknown = await container.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect((error as Error).message).toContain(`open mount point /${name}: openat2: ELOOP`);
  });
});

describe('/dev', () => {
  test('has the standard nodes and links, and nothing else', async () => {
    const listed = await core.shell('cd /dev && stat -c "%n %F %t:%T %a %N" * pts/* shm/* mqueue/* 2>/dev/null; :');
    expect(listed.split('\n').map((line) => line.replace(/^(\S+) .* (\S+:\S+) (\d+) .*?( -> .*)?$/, '$1 $2 $3$4'))).toEqual([
      "fd 0:0 777 -> '/proc/self/fd'",
      'full 1:7 666',
      'mqueue 0:0 1777',
      'null 1:3 666',
      "ptmx 0:0 777 -> 'pts/ptmx'",
      'pts 0:0 755',
      'random 1:8 666',
      'shm 0:0 1777',
      "stderr 0:0 777 -> '/proc/self/fd/2'",
      "stdin 0:0 777 -> '/proc/self/fd/0'",
      "stdout 0:0 777 -> '/proc/self/fd/1'",
      'tty 5:0 666',
      'urandom 1:9 666',
      'zero 1:5 666',
      'pts/ptmx 5:2 666',
    ]);
  });

  test('works', async () => {
    expect(await core.shell('echo gone > /dev/null; head -c 4 /dev/zero | od -An -tx1; head -c 8 /dev/urandom | wc -c')).toBe(
      '00 00 00 00\n8',
    );
    expect(await complaint('dd if=/dev/zero of=/dev/full count=1')).toContain('No space left on device');
  });

  test('gets no other node: mknod needs CAP_MKNOD', async () => {
    expect(await complaint('mknod /tmp/null c 1 3')).toContain(NOT_PERMITTED);
  });

  test('does not help with a node that an image brings: the devices cgroup refuses what is not on the list', async () => {
    const device = ['/dev/fuse', '/dev/loop-control', '/dev/net/tun'].find((path) => existsSync(path)) ?? '/dev/kmsg';
    const layers = layersBelow('device', (layer) => {
      execFileSync('cp', ['-a', device, join(layer, 'device')]);
      // The host may open it: it is the container that may not.
      closeSync(openSync(join(layer, 'device'), 'r'));
    });
    const { stderr } = await core.run(['dd', 'if=/device', 'count=0'], { layers });
    expect(stderr).toContain(`'/device': ${NOT_PERMITTED}`);
  });
});
