// @module-tag kernel

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { NetworkFile, OciConfig } from '@plimsoll/core';
import type { BirthStep, ContainerView, CreateContainerInput } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';
import { expectAsBefore } from '../support/snapshot.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const HOSTS: NetworkFile = { path: '/etc/hosts', text: '127.0.0.1\tlocalhost\n127.0.0.1\town\n' };
const RESOLVER: NetworkFile = { path: '/etc/resolv.conf', text: 'nameserver 192.0.2.53\n' };

describe('files of its own', () => {
  let core: Core;
  let count = 0;
  beforeAll(async () => void (core = await Core.make()));
  afterAll(async () => await core[Symbol.asyncDispose]());

  interface Options {
    fill?: (layer: string) => void;
    edit?: (config: OciConfig) => void;
    files?: NetworkFile[];
  }

  /** What a script prints in a container with these files, and the names in its writable layer. */
  async function run(script: string, { fill, edit, files = [HOSTS, RESOLVER] }: Options = {}) {
    const layer = join(core.directory, `layer-${count++}`);
    mkdirSync(layer);
    fill?.(layer);
    await using container = core.container({
      args: ['/bin/sh', '-c', script],
      layers: [layer, ...core.baseLayers],
      ...(edit !== undefined && { edit }),
    });
    container.request.networkFiles = files;
    const { process, settle } = await container.start();
    await process.exited;
    await settle();
    const { stdout, stderr } = container.output();
    return { out: `${stdout}${stderr}`.trim(), written: readdirSync(container.request.rootfs.upper) };
  }

  test('are root’s, who may write to them, and change no layer where the image has them', async () => {
    const script = 'cat /etc/hosts; stat -c %a:%u:%g:%h /etc/hosts; echo 127.0.0.1 more >> /etc/hosts; tail -n 1 /etc/hosts';
    expect(await run(script, { files: [HOSTS] })).toEqual({
      out: `${HOSTS.text}644:0:0:1\n127.0.0.1 more`,
      written: [],
    });
  });

  test('are bounded, and nothing of the host is left in sight', async () => {
    const script =
      'head -c 1000000 /dev/zero > /etc/hosts; echo $(($(stat -c %s /etc/hosts) < 300000)); grep -c tmpfs.*256k /proc/self/mountinfo';
    const { out } = await run(script, { files: [HOSTS] });
    expect(out).toMatch(/No space left on device/);
    expect(out).toMatch(/^1\n1$/m);
  });

  test('leave no free inode in their file system, whose directory a file handle can lead to', async () => {
    expect((await run('stat -f -c "%T %c %d" /etc/hosts')).out).toBe('tmpfs 3 0');
  });

  test('are read-only with a read-only rootfs, and writable without', async () => {
    const script = 'for file in hosts resolv.conf; do { echo more >> /etc/$file; } 2>&1; echo $?; tail -n 1 /etc/$file; done';
    const edit = (readonly: boolean) => (config: OciConfig) => void (config.root.readonly = readonly);
    const refused = (path: string) => new RegExp(`${path}: Read-only file system`, 'g');
    const { out } = await run(script, { edit: edit(true) });
    for (const { path } of [HOSTS, RESOLVER]) expect(out.match(refused(path))).toHaveLength(1);
    expect(out).not.toMatch(/^more$/m);
    expect((await run(script, { edit: edit(false) })).out).toBe('0\nmore\n0\nmore');
  });

  test.each([
    ['that the image does not have', () => {}, false],
    ['of a read-only rootfs', () => {}, true],
  ])('are there: %s', async (_, fill, readonly) => {
    const edit = (config: OciConfig) => void (config.root.readonly = readonly);
    expect((await run('cat /etc/resolv.conf; stat -c %a /etc', { fill, edit })).out).toBe(`${RESOLVER.text}755`);
  });

  test.each([
    ['a relative link', 'etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf', '/run/systemd/resolve/stub-resolv.conf'],
    ['an absolute one', 'etc/resolv.conf', '/run/deep/resolv.conf', '/run/deep/resolv.conf'],
    ['one that climbs out', 'etc/hosts', '../../../../../../gone/hosts', '/gone/hosts'],
  ])('are mounted where %s of the image leads, inside', async (_, link, target, place) => {
    const fill = (layer: string) => {
      mkdirSync(join(layer, 'etc'));
      symlinkSync(target, join(layer, link));
    };
    const text = link.endsWith('hosts') ? HOSTS.text : RESOLVER.text;
    const { out } = await run(`cat /${link}; cat ${place}; readlink /${link}`, { fill });
    expect(out).toBe(`${text}${text}${target}`);
    expect([existsSync('/run/deep'), existsSync('/gone')]).toEqual([false, false]);
  });

  test.each(['/proc/self/mem', '/proc/sys/kernel/core_pattern', '/dev/null', '/sys/kernel', 'hosts', '/'])(
    'that a link of the image leads to %s are left out or harmless',
    async (target) => {
      const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
      const fill = (layer: string) => {
        for (const path of ['etc', 'proc', 'dev', 'sys']) mkdirSync(join(layer, path));
        symlinkSync(target, join(layer, 'etc/hosts'));
      };
      const script = 'echo $(stat -f -c %T /proc /sys /dev) $$; cat /proc/sys/kernel/core_pattern; stat -c %F /dev/null';
      expect((await run(script, { fill })).out).toBe(`proc sysfs tmpfs 1\n${before}character special file`);
      expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
    },
  );

  test('are left out where the image has a directory of that name', async () => {
    const fill = (layer: string) => mkdirSync(join(layer, 'etc/resolv.conf'), { recursive: true });
    expect((await run('stat -c %F /etc/resolv.conf; cat /etc/hosts', { fill })).out).toBe(`directory\n${HOSTS.text.trim()}`);
  });

  test('give way to a person’s mounts, and leave nothing in these', async () => {
    const volume = join(core.directory, 'volume');
    mkdirSync(volume);
    writeFileSync(join(volume, 'hosts'), 'of the volume\n');
    const bind = (destination: string, source: string) => ({ destination, type: 'bind', source, options: ['bind', 'idmap'] });
    const mounting = (mount: OciConfig['mounts'][number]) => ({ edit: (config: OciConfig) => void config.mounts.push(mount) });
    const file = bind('/etc/hosts', join(volume, 'hosts'));
    expect((await run('cat /etc/hosts /etc/resolv.conf', mounting(file))).out).toBe(`of the volume\n${RESOLVER.text.trim()}`);
    expect((await run('cat /etc/hosts; ls /etc', mounting(bind('/etc', volume)))).out).toBe('of the volume\nhosts');
    expect(readdirSync(volume)).toEqual(['hosts']);
  });
});

test('a step of theirs that fails is named, and leaves nothing', async () => {
  await using core = await Core.make();
  const isTheirs = ({ purpose }: { purpose: string }) => /^make (?:the container's own files|\/etc\/)/.test(purpose);
  await core.run(['true']);
  for (let failing = 0, steps = 1; failing < steps; failing++) {
    await using container = core.container({ args: ['true'] });
    container.request.networkFiles = [HOSTS];
    const before = await core.snapshot();
    let purpose = '';
    const started = container.start((program) => {
      const theirs = program.steps.flatMap((step, index) => (isTheirs(step) ? [index] : []));
      if (theirs.length === 0) return;
      steps = theirs.length;
      const index = theirs[failing] ?? 0;
      const step = program.steps[index];
      if (step === undefined) return;
      purpose = step.purpose;
      program.steps[index] = { ...step, syscall: 'close', arguments: [-1] };
    });
    await expect(started).rejects.toThrow(/: close: EBADF/);
    await expect(started).rejects.toThrow(purpose);
    await expectAsBefore(core.place, before);
  }
});

describe('names in a container', () => {
  let world: World;
  beforeAll(async () => void (world = await World.shared()));

  async function shell(script: string, ...options: string[]): Promise<string> {
    const { code, stdout, stderr } = await world.plimsoll('run', '--rm', ...options, '--', 'sh', '-c', script);
    if (code !== 0) throw new Error(`${script}: ended with ${code}: ${stderr}`);
    return stdout.trim();
  }

  const hosts = 'grep -v "^#" /etc/hosts';

  test('localhost and its own are known in a network of its own', async () => {
    const known = 'for name in $(hostname) localhost; do getent hosts $name | tr -s " "; done';
    expect(await shell(`cat /etc/hostname; ${known}; head -n 1 /etc/hosts`, '--hostname', 'whale.example')).toBe(
      'whale.example\n127.0.0.1 whale.example whale\n::1 localhost ip6-localhost ip6-loopback\n127.0.0.1\tlocalhost',
    );
  });

  test('are the host’s in the host’s network', async () => {
    const options = ['--network', 'host', '--userns', 'host', '--hostname', 'whale'];
    const text = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8').trim() : '';
    expect(await shell('cat /etc/resolv.conf 2>/dev/null; :', ...options)).toBe(text);
    expect(await shell('getent hosts whale | tr -s " "; cat /etc/hostname', ...options)).toBe('127.0.0.1 whale\nwhale');
    expect(await shell('cat /etc/hostname', ...options.slice(0, 4), '--uts', 'host')).toBe(hostname());
  });

  test('are both containers’ in a network that one joins, again after a restart', async () => {
    const client = await world.client();
    const made: ContainerView[] = [];
    const run = async (request: CreateContainerInput) => {
      const view = await client.command('container.run', { command: ['sleep', 'infinity'], ...request });
      made.push(view);
      return view;
    };
    const first = await run({ hostname: 'first' });
    const joined = ['--network', `container:${first.name}`, '--hostname', 'second'];
    expect(await shell(hosts, ...joined)).toContain('127.0.0.1\tsecond\n127.0.0.1\tfirst');
    await client.command('container.restart', { container: first.id, graceMs: 0 });
    expect(await shell(`${hosts} && cat /etc/hostname`, ...joined)).toMatch(/second\n127\.0\.0\.1\tfirst\nsecond$/);
    for (const { id } of made) await client.command('container.remove', { container: id, force: true });
  });

  test('cost a start little, as its record has it', async () => {
    const client = await world.client();
    const { id } = await client.command('container.run', { command: ['sleep', 'infinity'] });
    const steps: BirthStep[] = [];
    // It is written after the start.
    await until('its start is on record', async () => {
      const read = await client.command('container.birth', { container: id }).catch(() => []);
      return steps.push(...read) > 0;
    });
    const ours = steps.filter(({ purpose }) => /\/etc\/host|own files of \/etc/.test(purpose));
    const calls = ours.map(({ syscall }) => syscall.split('(', 1)[0]);
    const each = ['openat', 'write', 'open_tree', 'openat2', 'move_mount'];
    expect(calls).toEqual(['mount', ...each, ...each]);
    await client.command('container.remove', { container: id, force: true });
  });
});
