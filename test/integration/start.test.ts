// @module-tag kernel

import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { StartError, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';
import { openDescriptors } from '../support/snapshot.ts';

let core: Core;
beforeAll(async () => {
  core = await Core.make();
});
afterAll(async () => await core[Symbol.asyncDispose]());

describe('how a container ends', () => {
  test.each([0, 1, 7, 255])('with exit code %i', async (code) => {
    const { exit } = await core.run(['/bin/sh', '-c', `exit ${code}`]);
    expect(exit).toEqual({ code, signal: null });
  });

  // Process 1 of a pid namespace takes no other signal that it has no handler for (pid_namespaces(7)).
  test('by a kill from outside', async () => {
    await using container = core.container({ args: ['sleep', 'infinity'] });
    const started = await container.start();
    await started.settle();
    process.kill(started.process.pid, 'SIGKILL');
    await expect(started.process.exited).resolves.toEqual({ code: null, signal: constants.signals.SIGKILL });
  });

  // Node ignores SIGPIPE, and what is ignored stays so over an exec: the default is restored.
  test.each(['SIGTERM', 'SIGPIPE', 'SIGXFSZ'] as const)('with signals as a program expects them: %s', async (name) => {
    const { exit } = await core.run(['/bin/sh', '-c', `sh -c 'kill -${constants.signals[name]} $$'; exit $?`]);
    expect(exit).toEqual({ code: 128 + constants.signals[name], signal: null });
  });

  test('on a SIGTERM that it handles', async () => {
    await using container = core.container({
      args: ['/bin/sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.01; done'],
    });
    const started = await container.start();
    await started.settle();
    await expect.poll(() => container.output().stdout).toBe('ready\n');
    expect(started.process.signal(constants.signals.SIGTERM)).toBe(true);
    await expect(started.process.exited).resolves.toEqual({ code: 3, signal: null });
    expect(started.process.signal(constants.signals.SIGTERM)).toBe(false);
  });

  test('with everything that it left in the background', async () => {
    const { exit, stdout } = await core.run(['/bin/sh', '-c', 'sleep infinity & setsid sleep infinity & echo started']);
    expect({ exit, stdout }).toEqual({ exit: { code: 0, signal: null }, stdout: 'started\n' });
  });
});

describe('the command', () => {
  test('is looked up on the PATH of its environment', async () => {
    const script = 'mkdir -p /opt/bin && printf "#!/bin/sh\\necho found" > /opt/bin/tool && chmod +x /opt/bin/tool && exec tool';
    await expect(core.shell(script, { env: ['PATH=/nowhere:/opt/bin:/usr/bin:/bin'] })).resolves.toBe('found');
    await expect(core.run(['env'], { env: ['PATH=/nowhere:/usr/bin'] })).resolves.toMatchObject({ exit: { code: 0 } });
    await expect(core.run(['env'], { env: [] })).resolves.toMatchObject({ exit: { code: 0 }, stdout: '' });
    await expect(core.run(['env'], { env: ['PATH=/nowhere'] })).rejects.toThrow(/cannot run "env".*ENOENT/);
  });

  test.each<[string, string, RegExp]>([
    ['is not there', 'no-such-command', /cannot run "no-such-command": .*ENOENT/],
    ['is not there, by its path', '/no/such', /cannot run "\/no\/such": .*ENOENT/],
    ['is below a file', '/etc/passwd/x', /ENOTDIR/],
    ['is a directory', '/etc', /EACCES/],
    ['may not be executed', '/etc/passwd', /EACCES/],
  ])('%s', async (_, command, message) => {
    const error = await core.run([command]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({ inExec: true, message: expect.stringMatching(message) as string });
  });

  test('gets its arguments as they are', async () => {
    const odd = ['', ' ', '*', '$HOME', "it's", 'a\nb', '\u{1f40b}', '--', '-n'];
    const { stdout } = await core.run(['printf', '[%s]', ...odd]);
    expect(stdout).toBe(odd.map((argument) => `[${argument}]`).join(''));
  });

  test('gets an argument of the greatest length', async () => {
    const { stdout } = await core.run(['/bin/sh', '-c', 'echo ${#1}', 'sh', 'x'.repeat(131_071)]);
    expect(stdout).toBe('131071\n');
  });
});

describe('what it finds', () => {
  test('its environment, and no other variable', async () => {
    const env = ['PATH=/usr/bin:/bin', 'A=1', 'EMPTY=', 'B=x=y', 'C=\u{1f40b}'];
    const { stdout } = await core.run(['env', '-0'], { env });
    expect(stdout.split('\0').filter(Boolean).toSorted()).toEqual(env.toSorted());
  });

  test('its host name and working directory', async () => {
    await expect(core.shell('hostname; pwd', { hostname: 'whale.example', cwd: '/var/tmp' })).resolves.toBe(
      'whale.example\n/var/tmp',
    );
  });

  test('a working directory that was not there, root’s and for all to enter', async () => {
    const user = (config: OciConfig) => Object.assign(config.process.user, { uid: 1000, gid: 1000, umask: 0o077 });
    const options = { cwd: '/not/there/yet', edit: (config: OciConfig) => void user(config) };
    await expect(core.shell('pwd; id -u; stat -c %a:%u:%g /not .', options)).resolves.toBe(
      '/not/there/yet\n1000\n755:0:0\n755:0:0',
    );
  });

  test.each([
    ['that is a file', '/etc/passwd/x', {}, 'ENOTDIR .*: it is a file, or lies below one'],
    ['of a read-only rootfs', '/not/there', { readonly: true }, 'ENOENT .*: it is not there, and the rootfs is read-only'],
    ['of a file system of the kernel', '/proc/not/there', {}, 'ENOENT .*: it is not there, and cannot be made'],
  ])('no working directory %s', async (_, cwd, { readonly = false }: { readonly?: boolean }, words) => {
    const edit = (config: OciConfig) => void (config.root.readonly = readonly);
    await expect(core.run(['true'], { cwd, edit })).rejects.toThrow(
      new RegExp(`^enter the working directory ${cwd}: chdir: ${words}$`),
    );
  });

  test('no working directory that its user may not enter', async () => {
    const layer = join(core.directory, 'closed');
    mkdirSync(join(layer, 'closed'), { recursive: true, mode: 0o700 });
    const edit = ({ process }: OciConfig) => {
      Object.assign(process.user, { uid: 1000, gid: 1000 });
      Object.assign(process.capabilities, { effective: [], permitted: [], inheritable: [] });
    };
    await expect(core.run(['true'], { cwd: '/closed/x', layers: [layer, ...core.baseLayers], edit })).rejects.toThrow(
      /^enter the working directory \/closed\/x: chdir: EACCES .*: user 1000 may not enter it$/,
    );
  });

  test('itself as process 1 of a session of its own, with an empty standard input', async () => {
    const script =
      'echo $$; read pid name state parent group session rest < /proc/1/stat; echo $parent $group $session; wc -c < /dev/stdin';
    await expect(core.shell(script)).resolves.toBe('1\n0 1 1\n0');
  });

  test('standard output and error apart', async () => {
    await expect(core.run(['/bin/sh', '-c', 'echo out; echo err >&2'])).resolves.toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('a root of its own to write to, and the image as it was', async () => {
    await expect(core.shell('echo changed > /etc/passwd; rm /bin/true; touch /new; ls /new')).resolves.toBe('/new');
    await expect(core.shell('head -c 4 /etc/passwd; ls /bin/true; test ! -e /new')).resolves.toBe('root/bin/true');
  });
});

test('its mounts outlive it until they are released, and nothing else that the start opened does once it is settled', async () => {
  const held = () => openDescriptors().filter((link) => link.startsWith('mnt:[')).length;
  await using container = core.container({ args: ['/bin/true'] });
  const before = openDescriptors().length;
  const started = await container.start();
  await started.process.exited;
  await started.settle();
  expect(held()).toBe(1);
  await started.mounts.release();
  expect(held()).toBe(0);
  expect(openDescriptors().length).toBe(before);
});

test('every syscall of a start is told, in order and timed', async () => {
  await using container = core.container({ args: ['/bin/true'], limits: { memoryBytes: 2 ** 26 } });
  const started = await container.start();
  await started.process.exited;
  const birth = await started.settle();
  const syscalls = birth.map(({ syscall }) => syscall.slice(0, syscall.indexOf('(')));
  const expected = ['mkdirat', 'clone3', 'mount', 'pivot_root', 'capset', 'prctl', 'close_range', 'execve'];
  expect(syscalls).toEqual(expect.arrayContaining(expected));
  const timed = birth.filter(({ atNs }) => atNs !== null).map(({ atNs }) => atNs ?? 0);
  expect(timed.length).toBeGreaterThan(100);
  expect(timed).toEqual(timed.toSorted((a, b) => a - b));
  expect(birth.every(({ purpose, syscall }) => purpose !== '' && syscall.endsWith(')'))).toBe(true);
});
