import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Command } from '../support/command-line.ts';
import { cpuQuota, isFrozenNow, memoryLimitBytes, pidsLimit } from '../support/kernel-files.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
/** A sentence on stderr, and nothing after it. */
const ONE_SENTENCE = /^plimsoll[^\n]*\n$|^[^\n]+\n(?:[^\n]+\n)?$/;

let world: World;
beforeAll(async () => {
  world = await World.shared();
});

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await world.plimsoll(...args, '--json');
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const inspect = async (name: string) => await json('inspect', name);

describe('run', () => {
  test.each([
    [0, ['true']],
    [3, ['sh', '-c', 'exit 3']],
    [143, ['sh', '-c', "sh -c 'kill -TERM $$'; exit $?"]],
    [126, ['/etc/passwd']],
    [127, ['no-such-command']],
  ])('gives exit code %i', async (expected, command) => {
    const { code } = await world.plimsoll('run', '--rm', '--', ...command);
    expect(code).toBe(expected);
  });

  test('passes on both streams, the environment, the directory and the host name', async () => {
    const script = 'echo "$A $HOSTNAME_NOW $(pwd) $(hostname)"; echo warning >&2';
    const answer = await world.plimsoll(
      'run',
      '--rm',
      '-e',
      'A=b c',
      '-w',
      '/tmp',
      '--hostname',
      'whale',
      '--',
      'sh',
      '-c',
      script,
    );
    expect(answer).toEqual({ code: 0, stdout: 'b c  /tmp whale\n', stderr: 'warning\n' });
  });

  test('leaves everything after the command to the command', async () => {
    await expect(world.plimsoll('run', '--rm', '--', 'echo', '--rm', '-d')).resolves.toMatchObject({
      code: 0,
      stdout: '--rm -d\n',
    });
    await expect(world.plimsoll('run', '--rm', '--', 'echo', '--', 'x')).resolves.toMatchObject({ stdout: '-- x\n' });
  });

  test('the first word is the image, unless an option or a double dash says otherwise', async () => {
    for (const words of [['base'], ['--image', 'base'], ['--image', 'base', '--'], ['--']]) {
      await expect(world.plimsoll('run', '--rm', ...words, 'echo', 'hello'), words.join(' ')).resolves.toEqual({
        code: 0,
        stdout: 'hello\n',
        stderr: '',
      });
    }
  });

  test('sets limits that the kernel has', async () => {
    const { stdout } = await world.plimsoll(
      'run',
      '-d',
      '--name',
      'limited',
      '--cpus',
      '0.5',
      '--memory',
      '64m',
      '--pids',
      '7',
      '--',
      'sleep',
      'infinity',
    );
    const id = stdout.trim();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    const cgroup = world.cgroup(`default/${id}`);
    expect(cpuQuota(cgroup)).toEqual({ quotaUs: 50_000, periodUs: 100_000 });
    expect(memoryLimitBytes(cgroup)).toBe(64 * MEBIBYTE);
    expect(pidsLimit(cgroup)).toBe(7);
    await expect(world.plimsoll('rm', '-f', 'limited')).resolves.toMatchObject({ code: 0, stdout: 'limited\n' });
  });

  test.each([
    [['--cpus', 'many', '--', 'true'], /--cpus/],
    [['--cpus', '0.001', '--', 'true'], /cpus/],
    [['--memory', '4k', '--', 'true'], /--memory "4k": .*1 MiB/],
    [['-m', '64', '--', 'true'], /-m "64": .* a unit is missing: 64m is 64 MiB/],
    [['--no-such-option', '--', 'true'], /no-such-option/],
    [['--image', 'no-such', '--', 'true'], /no image "no-such"/],
    [['sh', '-c', 'true'], /there is no image "sh": write IMAGE COMMAND…, or -- COMMAND…/],
    [['/bin/sh', '-c', 'true'], /there is no image "\/bin\/sh": write/],
    [['--name', '-x', '--', 'true'], /name/],
  ])('fails by itself with 125: %j', async (args, message) => {
    const { code, stdout, stderr } = await world.plimsoll('run', ...args);
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(ONE_SENTENCE);
  });

  test('with --rm leaves nothing to see', async () => {
    await world.plimsoll('run', '--rm', '--name', 'gone', '--', 'true');
    await expect(world.plimsoll('inspect', 'gone')).resolves.toMatchObject({ code: 1 });
    await world.plimsoll('run', '--rm', '-d', '--name', 'gone-too', '--', 'true');
    await expect.poll(async () => (await world.plimsoll('ps', '--json')).stdout).not.toContain('gone-too');
  });
});

describe('the life of a container', () => {
  test('run, ps, inspect, freeze, thaw, stop, logs, rm', async () => {
    const script = 'trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.02; done';
    const { stdout } = await world.plimsoll('run', '-d', '--name', 'life', '--group', 'acme/web', '--', 'sh', '-c', script);
    const id = stdout.trim();
    await expect(inspect('life')).resolves.toMatchObject({
      id,
      name: 'life',
      group: 'acme/web',
      state: 'running',
      exitCode: null,
      exitedAt: null,
    });
    const { pid, startedAt, cpuUsageNs } = await inspect(id);
    // A start resolves within the exec, shortly before the kernel sets the name.
    await expect.poll(() => readFileSync(`/proc/${Number(pid)}/comm`, 'utf8')).toBe('sh\n');
    expect(Date.parse(String(startedAt))).toBeGreaterThan(Date.now() - 60_000);
    expect(cpuUsageNs === null || typeof cpuUsageNs === 'number').toBe(true);
    const listed = await json('ps');
    expect(listed).toEqual([expect.objectContaining({ id, state: 'running', pid })]);

    await expect(world.plimsoll('freeze', 'life')).resolves.toMatchObject({ code: 0 });
    expect(isFrozenNow(world.cgroup(`acme/web/${id}`))).toBe(true);
    await expect(inspect('life')).resolves.toMatchObject({ state: 'frozen', pid });
    await expect(world.plimsoll('freeze', 'life')).resolves.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('frozen') as string,
    });
    await expect(world.plimsoll('rm', 'life')).resolves.toMatchObject({ code: 1 });
    await expect(world.plimsoll('thaw', 'life')).resolves.toMatchObject({ code: 0 });
    await expect.poll(async () => (await world.plimsoll('logs', 'life')).stdout).toBe('ready\n');

    await expect(world.plimsoll('stop', 'life')).resolves.toMatchObject({ code: 0 });
    const ended = await inspect('life');
    expect(ended).toMatchObject({ state: 'exited', pid: null, exitCode: 5, signal: null });
    expect(ended['cpuUsageNs']).toBeGreaterThan(0);
    await expect(world.plimsoll('logs', 'life')).resolves.toMatchObject({ stdout: 'ready\nbye\n' });
    await expect(world.plimsoll('logs', '-n', '1', 'life')).resolves.toMatchObject({ stdout: 'bye\n' });
    await expect(world.plimsoll('rm', 'life')).resolves.toEqual({ code: 0, stdout: 'life\n', stderr: '' });
    await expect(world.plimsoll('rm', 'life')).resolves.toMatchObject({ code: 1 });
  });

  test('kill ends several, and tells of those that it could not', async () => {
    for (const name of ['one', 'two']) await world.plimsoll('run', '-d', '--name', name, '--', 'sleep', 'infinity');
    const { code, stdout, stderr } = await world.plimsoll('kill', 'one', 'nobody', 'two');
    expect({ code, names: stdout.trim().split('\n') }).toEqual({ code: 1, names: ['one', 'two'] });
    expect(stderr).toContain('nobody');
    await expect(inspect('one')).resolves.toMatchObject({ state: 'exited', exitCode: 137, signal: 'SIGKILL' });
    await world.plimsoll('rm', 'one', 'two');
  });

  test('logs -f goes on until it ends, each line once', async () => {
    await world.plimsoll('run', '-d', '--name', 'talker', '--', 'sh', '-c', 'for i in $(seq 50); do echo $i; sleep 0.01; done');
    const { code, stdout } = await world.plimsoll('logs', '-f', 'talker');
    expect({ code, stdout }).toEqual({ code: 0, stdout: Array.from({ length: 50 }, (_, i) => `${i + 1}\n`).join('') });
    await world.plimsoll('rm', 'talker');
  });

  test('log text goes into a pipe as it is', async () => {
    const { stdout } = await world.plimsoll('run', '--rm', '--', 'printf', '\\033]0;title\\007\\n');
    expect(stdout).toBe('\x1b]0;title\x07\n');
  });
});

test('stats --json gives one sample a line', async () => {
  await world.plimsoll('run', '-d', '--name', 'burner', '--', 'sh', '-c', 'while :; do :; done');
  const stats = new Command(['stats', '--json', 'burner'], world.environment);
  await until('four samples are written', () => stats.jsonLines().length >= 4);
  stats.signal('SIGINT');
  expect(await stats.ended).toMatchObject({ code: 0, stderr: '' });
  const samples = stats.jsonLines() as { name: string; cpuUsageNs: number; cpuCores: number; pids: number; time: string }[];
  expect(samples.every(({ name, pids }) => name === 'burner' && pids === 1)).toBe(true);
  const usages = samples.map(({ cpuUsageNs }) => cpuUsageNs);
  expect(usages).toEqual([...new Set(usages)].toSorted((a, b) => a - b));
  expect(samples.at(-1)?.cpuCores).toBeGreaterThan(0.05);
  await world.plimsoll('rm', '-f', 'burner');
});

test('image import, ls and rm', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'plim-tree-')), 'tree');
  const base = (await (await world.client()).command('image.list', {})).find(({ name }) => name === 'base');
  const rootfs = join(world.state.lib, 'images', String(base?.digest).replace(':', '-'), 'rootfs');
  cpSync(rootfs, directory, { recursive: true, verbatimSymlinks: true });
  const imported = await world.plimsoll('image', 'import', 'copy:1', directory);
  expect(imported).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) as string });
  await expect(world.plimsoll('run', '--name', 'copied', '--image', 'copy:1', 'echo', 'hello')).resolves.toMatchObject({
    stdout: 'hello\n',
  });
  await expect(world.plimsoll('image', 'import', 'copy:1', directory)).resolves.toMatchObject({ code: 1 });
  await expect(world.plimsoll('image', 'rm', 'copy:1')).resolves.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('copied') as string,
  });
  await world.plimsoll('rm', 'copied');
  await expect(world.plimsoll('image', 'rm', 'copy:1')).resolves.toMatchObject({ code: 0 });
  const names = (await json('image', 'ls')) as unknown as { name: string }[];
  expect(names.map(({ name }) => name)).toEqual(['base']);
});

describe('errors', () => {
  test.each([
    [['no-such-verb'], 2],
    [['image'], 2],
    [['inspect'], 2],
    [['ps', 'extra'], 2],
    [['logs', '--no-such-option', 'x'], 2],
    [['stop', '-t', 'soon', 'x'], 2],
    [['inspect', 'nobody'], 1],
    [['freeze', 'nobody'], 1],
    [['logs', 'nobody'], 1],
    [['stats', 'nobody'], 1],
    [['image', 'import', 'x', '/no/such'], 1],
    [['image', 'rm', 'no-such'], 1],
  ])('%j ends with %i and one sentence', async (args, expected) => {
    const { code, stdout, stderr } = await world.plimsoll(...args);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(ONE_SENTENCE);
  });

  test('a name with control characters is shown harmless', async () => {
    const { code, stderr } = await world.plimsoll('inspect', 'a\x1b[31mb');
    expect(code).toBe(1);
    expect(stderr).not.toContain('\x1b');
  });
});

test('version, help, doctor', async () => {
  await expect(world.plimsoll('version')).resolves.toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^plimsoll \d+\.\d+\.\d+\n$/) as string,
  });
  await expect(world.plimsoll('help')).resolves.toMatchObject({ code: 0, stdout: expect.stringContaining('shutdown') as string });
  await expect(world.plimsoll('run', '--help')).resolves.toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--memory') as string,
  });
  await expect(json('doctor')).resolves.toMatchObject({
    agentPid: world.agent?.pid,
    supervisorPid: world.supervisor?.pid,
    cgroupRoot: world.state.cgroup,
  });
});

test('shutdown ends everything and says how many; after it nothing answers', async () => {
  await world.plimsoll('run', '-d', '--', 'sleep', 'infinity');
  const before = [world.agent, world.supervisor];
  await expect(world.plimsoll('shutdown')).resolves.toEqual({
    code: 0,
    stdout: 'Plimsoll is shut down; 1 container was stopped.\n',
    stderr: '',
  });
  expect(before.map((child) => child?.exitCode)).toEqual([0, 0]);
  const { code, stderr } = await world.plimsoll('ps');
  expect(code).toBe(1);
  expect(stderr).toMatch(/not running/);
});
