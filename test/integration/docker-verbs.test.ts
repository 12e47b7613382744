import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../../apps/agent/src/cli/reports/display-width.ts';
import { Command } from '../support/command-line.ts';
import { memoryLimitBytes, pidsLimit } from '../support/kernel-files.ts';
import { ownDirectory } from '../support/leftovers.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => (world = await World.shared()));
afterAll(async () => await world.plimsoll('rm', '-f', ...(await names())));

/** Its stdout; throws where it fails. */
async function plimsoll(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await world.plimsoll(...words);
  if (code !== 0) throw new Error(`${words.join(' ')}: ended with ${code}: ${stderr}`);
  return stdout.trimEnd();
}

async function inspect(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await plimsoll('inspect', '--json', name)) as Record<string, unknown>;
}

async function names(...filter: string[]): Promise<string[]> {
  const text = await plimsoll('ps', '--format', '{{.Names}}', ...filter.flatMap((one) => ['-f', one]));
  return text === '' ? [] : text.split('\n');
}

describe('create, start, wait, restart, rename', () => {
  test('a container is made, started, waited for and started again', async () => {
    const id = await plimsoll('create', '--name', 'steps', 'base', 'sh', '-c', 'echo began; exit 7');
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await inspect('steps')).toMatchObject({ state: 'created', pid: null, incarnation: 0 });
    expect(await plimsoll('wait', 'steps'), 'of one that was never started').toBe('0');
    expect(await plimsoll('start', 'steps')).toBe('steps');
    expect(await plimsoll('wait', 'steps')).toBe('7');
    expect(await plimsoll('restart', '-t', '0', id)).toBe(id);
    expect(await plimsoll('wait', 'steps', id)).toBe('7\n7');
    expect(await inspect('steps')).toMatchObject({ state: 'exited', incarnation: 2 });
    expect(await plimsoll('logs', 'steps')).toBe('began\nbegan');
  });

  test('wait prints the exit codes in the order of the names, and says which it does not know', async () => {
    const script = (code: number) => ['--', 'sh', '-c', `trap 'exit ${code}' TERM; echo ready; while :; do sleep 0.02; done`];
    for (const code of [3, 4]) await plimsoll('run', '-d', '--name', `waits-${code}`, ...script(code));
    const waiting = new Command(['wait', 'waits-3', 'nobody', 'waits-4'], world.environment);
    for (const name of ['waits-3', 'waits-4']) {
      await until(`${name} takes the signal`, async () => (await plimsoll('logs', name)).includes('ready'));
    }
    await plimsoll('stop', 'waits-4');
    expect(waiting.stdout).toBe('');
    await plimsoll('stop', '--timeout', '5', 'waits-3');
    const { code, stdout, stderr } = await waiting.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '3\n4\n' });
    expect(stderr).toContain('nobody');
  });

  test('restart replaces the process, and rename keeps it', async () => {
    await plimsoll('run', '-d', '--name', 'old', '--', 'sleep', 'infinity');
    const { id, pid } = await inspect('old');
    await plimsoll('restart', '--time', '0', 'old');
    const again = await inspect('old');
    expect(again).toMatchObject({ id, state: 'running' });
    expect(again['pid']).not.toBe(pid);
    expect(await world.plimsoll('rename', 'old', 'new')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await inspect('new')).toMatchObject({ id, pid: again['pid'] });
    expect(await world.plimsoll('rename', 'new')).toMatchObject({ code: 2 });
    expect((await world.plimsoll('rename', 'new', 'a b')).code).not.toBe(0);
  });

  test('start of one that runs does nothing, and of a frozen one says how to go on', async () => {
    await plimsoll('run', '-d', '--name', 'runs', '--', 'sleep', 'infinity');
    // Without what it has used: its layer may be measured in between.
    const view = async () => await (await world.client()).command('container.inspect', { container: 'runs' });
    const before = await view();
    expect(await world.plimsoll('start', 'runs')).toEqual({ code: 0, stdout: 'runs\n', stderr: '' });
    expect(await view()).toEqual(before);
    expect(await world.plimsoll('rm', 'runs')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ it is running, .*\. Stop it first, or `(?:npx )?plimsoll rm -f runs`\.\n$/),
    });
    await plimsoll('freeze', 'runs');
    expect(await world.plimsoll('start', 'runs')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Cannot start container "runs": it is frozen, .*`(?:npx )?plimsoll thaw runs`\.\n$/),
    });
  });

  test('of several that start one at once, one does', async () => {
    await plimsoll('create', '--name', 'once', '--', 'sleep', 'infinity');
    const started = await Promise.all(Array.from({ length: 5 }, () => plimsoll('start', 'once')));
    expect(started).toEqual(Array.from({ length: 5 }, () => 'once'));
    expect(await inspect('once')).toMatchObject({ state: 'running', incarnation: 1 });
  });

  test('start and restart say what holds them up', async () => {
    await plimsoll('create', '--name', 'cold', '--group', 'ice', '--', 'true');
    await plimsoll('group', 'freeze', 'ice');
    const held = { code: 0, stdout: 'cold\n', stderr: 'cold starts when group ice is thawed: `plimsoll group thaw ice`\n' };
    expect(await world.plimsoll('start', 'cold')).toEqual(held);
    expect(await world.plimsoll('start', 'cold'), 'once more').toEqual(held);
    await plimsoll('group', 'thaw', 'ice');
    expect(await plimsoll('wait', 'cold')).toBe('0');
  });

  test('create --rm is removed when it has ended', async () => {
    await plimsoll('create', '--rm', '--name', 'passing', '--', 'true');
    await plimsoll('start', 'passing');
    await expect.poll(async () => await names()).not.toContain('passing');
  });

  test('what create refuses ends with 125', async () => {
    expect(await world.plimsoll('create', 'sh')).toMatchObject({ code: 125, stderr: expect.stringContaining('no image "sh"') });
    expect(await world.plimsoll('create', '-d', 'base')).toMatchObject({ code: 125, stderr: expect.stringContaining('-d') });
  });
});

describe('kill', () => {
  test('sends the signal that is named, and SIGKILL otherwise', async () => {
    await plimsoll(
      'run',
      '-d',
      '--name',
      'asked',
      '--',
      'sh',
      '-c',
      "trap 'echo got it; exit 9' USR1; echo ready; while :; do sleep 0.02; done",
    );
    await until('it takes the signal', async () => (await plimsoll('logs', 'asked')).includes('ready'));
    await plimsoll('kill', '-s', 'USR1', 'asked');
    expect(await plimsoll('wait', 'asked')).toBe('9');
    expect(await plimsoll('logs', 'asked')).toBe('ready\ngot it');
    await plimsoll('start', 'asked');
    await plimsoll('kill', '--signal=9', 'asked');
    expect(await inspect('asked')).toMatchObject({ state: 'exited', signal: 'SIGKILL' });
    expect(await world.plimsoll('kill', '-s', 'NOPE', 'asked')).toMatchObject({ stderr: expect.stringContaining('SIGHUP') });
  });
});

describe('what a container is made with', () => {
  test('an entrypoint, files of variables, shared memory, a number of processes, memory with swap', async () => {
    const file = join(mkdtempSync(join(ownDirectory(), 'env-')), 'env');
    writeFileSync(file, '# variables\nA=from "the" file\nB=file\n');
    const options = ['--env-file', file, '-e', 'B=option', '--shm-size', '8m', '--pids-limit', '9', '--memory', '64m'];
    const script = 'echo "$A|$B"; stat -fc "%b %S" /dev/shm; echo "$0 $*"';
    const args = ['--entrypoint', 'sh', 'base', '-c', script, 'zero', 'one'];
    await plimsoll('create', '--name', 'made', ...options, '--memory-swap', '96m', ...args);
    await plimsoll('start', 'made');
    expect(await plimsoll('wait', 'made')).toBe('0');
    expect(await plimsoll('logs', 'made')).toBe('from "the" file|option\n2048 4096\nzero one');
    expect(await inspect('made')).toMatchObject({
      limits: { memoryBytes: 64 * 2 ** 20, swapBytes: 32 * 2 ** 20, pids: 9 },
    });
  });

  test('update counts --memory-swap from the present memory limit, and takes -1 as any number', async () => {
    await plimsoll('update', '--memory-swap', '128m', '--pids-limit', '-1', 'made');
    expect(await inspect('made')).toMatchObject({ limits: { memoryBytes: 64 * 2 ** 20, swapBytes: 64 * 2 ** 20 } });
    expect((await inspect('made'))['limits']).not.toHaveProperty('pids');
    await plimsoll('update', '--memory-swap', '-1', 'made');
    expect((await inspect('made'))['limits']).toEqual({ memoryBytes: 64 * 2 ** 20 });
    expect(await world.plimsoll('update', '--memory-swap', '32m', 'made')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('memory alone is 64.0 MiB'),
    });
    await plimsoll('group', 'create', '--memory', '256m', 'sums');
    await plimsoll('group', 'set', '--memory-swap', '300m', 'sums');
    const groups = JSON.parse(await plimsoll('group', 'ls', '--json')) as { path: string; limits: object }[];
    expect(groups.find(({ path }) => path === 'sums')?.limits).toEqual({ memoryBytes: 256 * 2 ** 20, swapBytes: 44 * 2 ** 20 });
    expect(memoryLimitBytes(world.cgroup('sums'))).toBe(256 * 2 ** 20);
    expect(await world.plimsoll('run', '--memory-swap', '1g', '--', 'true')).toMatchObject({ code: 125 });
  });

  test('--pids-limit is what the kernel has', async () => {
    const id = await plimsoll('run', '-d', '--name', 'few', '--pids-limit', '9', '--', 'sleep', 'infinity');
    expect(pidsLimit(world.cgroup(`default/${id}`))).toBe(9);
  });
});

test('ps chooses by filters, and writes as the format says', async () => {
  await plimsoll('run', '-d', '--name', 'shown', '--group', 'acme/web', '-l', 'tier=front', '--', 'sleep', '4321');
  const { id } = await inspect('shown');
  expect(await names('label=tier')).toEqual(['shown']);
  expect(await names('group=acme', 'status=running')).toEqual(['shown']);
  expect(await names(`id=${String(id).slice(0, 8)}`)).toEqual(['shown']);
  expect(await plimsoll('ps', '-q', '--filter', 'name=^shown$')).toBe(id);
  const line = await plimsoll('ps', '-f', 'name=shown', '--format', 'json');
  expect(JSON.parse(line)).toMatchObject({ ID: id, Names: 'shown', Command: 'sleep 4321', State: 'running', Group: 'acme/web' });
  const table = await plimsoll('ps', '-f', 'name=shown', '--format', String.raw`table {{.ID}}\t{{.Command}}`);
  expect(table.split('\n').map((row) => row.split(/ {2,}/))).toEqual([
    ['CONTAINER ID', 'COMMAND'],
    [id, 'sleep 4321'],
  ]);
  expect(await world.plimsoll('ps', '--format', '{{.Ports}}')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('.Names'),
  });
});

test('logs of a time, with times', async () => {
  const steps = mkdtempSync(join(ownDirectory(), 'steps-'));
  const step = (name: string) => `until [ -e /steps/${name} ]; do sleep 0.01; done`;
  await plimsoll(
    'run',
    '-d',
    '--name',
    'diary',
    '-v',
    `${steps}:/steps:idmap`,
    '--',
    'sh',
    '-c',
    `echo one; ${step('second')}; echo two >&2; ${step('third')}; printf three`,
  );
  // A line has the time at which it is read: each is before the next is written.
  for (const [line, next] of [
    ['one', 'second'],
    ['two', 'third'],
  ] as const) {
    await until(`${line} is in the log`, async () => Object.values(await world.plimsoll('logs', 'diary')).includes(`${line}\n`));
    writeFileSync(join(steps, next), '');
  }
  await plimsoll('wait', 'diary');
  const { stdout, stderr } = await world.plimsoll('logs', '-t', 'diary');
  const lines = [stdout, stderr].flatMap((text) => text.trimEnd().split('\n'));
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one$/),
    expect.stringMatching(/Z three$/),
    expect.stringMatching(/Z two$/),
  ]);
  const [first = '', last = '', second = ''] = lines.map((line) => line.slice(0, 30));
  const logs = async (...options: string[]) => {
    const { stdout: out, stderr: err } = await world.plimsoll('logs', ...options, 'diary');
    return `${out}${err}`.trimEnd();
  };
  expect(await logs('--since', second)).toBe('threetwo');
  expect(await logs('--until', second)).toBe('one\ntwo');
  expect(await logs('--until', second, '-n', '1')).toBe('two');
  expect(await logs('--since', second, '--until', second)).toBe('two');
  expect(await logs('--since', first, '--until', last, '--tail', 'all')).toBe('one\nthreetwo');
  expect(await logs('--since', '1h')).toBe('one\nthreetwo');
  expect(await logs('--until', '1h')).toBe('');
  expect(await world.plimsoll('logs', '--since', 'soon', 'diary')).toMatchObject({ code: 2 });
});

test('logs -f ends with --until', async () => {
  await plimsoll('run', '-d', '--name', 'ticks', '--', 'sh', '-c', 'while :; do echo tick; sleep 0.02; done');
  const soon = new Date(Date.now() + 300).toISOString();
  const { code, stdout } = await world.plimsoll('logs', '-ft', '--until', soon, 'ticks');
  expect(code).toBe(0);
  const times = stdout.trimEnd().split('\n');
  expect(times.length).toBeGreaterThan(0);
  expect(times.every((line) => line.slice(0, 23) <= soon.slice(0, 23))).toBe(true);
  expect(await inspect('ticks')).toMatchObject({ state: 'running' });
});

test('top lists the processes of a container', async () => {
  await plimsoll('run', '-d', '--name', 'busy', '--', 'sh', '-c', 'sleep 4322 & sleep 4323');
  const seen = async () => JSON.parse(await plimsoll('top', '--json', 'busy')) as { command: string; containerPid: number }[];
  await until('both sleep', async () => (await seen()).filter(({ command }) => command.startsWith('sleep ')).length === 2);
  expect((await plimsoll('top', 'busy')).split('\n')[0]).toMatch(/^PID +PPID +INSIDE +USER +STATE +AGE +CPU +MEMORY +COMMAND$/);
  expect((await seen()).some(({ command, containerPid }) => command === 'sleep 4322' && containerPid > 1)).toBe(true);
  expect(await world.plimsoll('top', 'made')).toMatchObject({ code: 1 });
});

test('stats --no-stream shows what is used now, once', async () => {
  const rows = (await plimsoll('stats', '--no-stream', 'busy', 'shown')).split('\n');
  expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual(['NAME', 'busy', 'shown']);
  const [line = ''] = (await plimsoll('stats', '--no-stream', '--json', 'busy')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ name: 'busy', pids: 3, memoryWorkingSetBytes: expect.any(Number) });
  expect(await plimsoll('stats', '--no-stream', '--groups')).toMatch(/^acme\/web +/m);
  expect(await world.plimsoll('stats', '--no-stream', 'nobody')).toMatchObject({ code: 1 });
});

describe.each([60, 80])('in a terminal of %i cells', (columns) => {
  const GROUP = 'customers-of-ours/acme-incorporated/web';
  beforeAll(async () => {
    if ((await names('name=^narrow$')).length > 0) return;
    await plimsoll('group', 'create', '--cpus', '2', '-m', '1g', '--name', 'Acme Incorporated', 'customers-of-ours');
    await plimsoll('run', '-d', '--name', 'narrow', '--group', GROUP, '--', 'sleep', 'infinity');
  });

  test.each([
    [['group', 'ls'], 'rporated/web'],
    [['stats', '--no-stream', '--groups'], 'rporated/web'],
    [['cgroup', 'ls'], '/web'],
    [['ps'], 'narrow'],
    [['events', '-n', '20'], 'narrow'],
  ])('%j does not overflow, and shows what tells its rows apart', async (words, told) => {
    const { code, stdout } = await new Command(words, world.environment, { columns }).ended;
    expect(code).toBe(0);
    expect(stdout).toContain(told);
    for (const line of stdout.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
  });

  test('nor do events that come live', async () => {
    const following = new Command(['events', '-f', '--container', 'narrow'], world.environment, { columns });
    await until('it is shown', () => following.stdout.includes('started'));
    following.signal('SIGINT');
    const { stdout } = await following.ended;
    for (const line of stdout.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
  });
});

test('info counts, and names what is missing', async () => {
  const facts = JSON.parse(await plimsoll('info', '--json')) as { containers: Record<string, number>; missing: string[] };
  expect(facts).toMatchObject({ images: 1, cgroupLayout: expect.any(String), stateRoot: world.directory });
  const { total = 0, ...states } = facts.containers;
  expect(total).toBe((await names()).length);
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(await plimsoll('info')).toMatch(/^containers +\d+: /);
});

test('a verb takes any number of names', async () => {
  const client = await world.client();
  const many = Array.from({ length: 300 }, (_, i) => `many-${i}`);
  for (const name of many) await client.command('container.create', { name, command: ['true'] });
  expect(await plimsoll('rm', ...many)).toBe(many.join('\n'));
  const { code, stdout, stderr } = await world.plimsoll('kill', ...many);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(300);
});

describe('what the agent refuses is told in the words that were typed', () => {
  test.each([
    [125, ['run', '--name', 'a b', '--', 'true'], /^plimsoll run: --name "a b": use 1 to 63 letters/],
    [
      125,
      ['create', '-e', `${'x'.repeat(4097)}=1`, '--', 'true'],
      /^plimsoll create: -e "x+=1": a variable's name has at most 4096 bytes/,
    ],
    [125, ['run', '-v', 'a:/a', '-v', 'b:/proc', '--', 'true'], /^plimsoll run: -v "b:\/proc": /],
    [125, ['run', '--sysctl', 'kernel.panic=1', '--', 'true'], /^plimsoll run: --sysctl "kernel.panic=1": .*\. A container has /],
    [125, ['run', '--cap-add', 'NOPE', '--', 'true'], /^plimsoll run: --cap-add "NOPE": /],
    [2, ['kill', '-s', 'NOPE', 'busy', 'shown'], /^plimsoll kill: -s "NOPE": expected a signal such as SIGHUP/],
    [2, ['stop', '-t', '99999', 'busy'], /^plimsoll stop: -t "99999": /],
    [2, ['rename', 'busy', 'a b'], /^plimsoll rename: NAME: use 1 to 63 letters/],
    [2, ['group', 'create', '--name', '', 'named'], /^plimsoll group create: --name "": /],
    [2, ['volume', 'create', 'a b'], /^plimsoll volume create: NAME: /],
    [2, ['image', 'import', 'UPPER', '/tmp'], /^plimsoll image import: NAME: expected an image name/],
    [2, ['alert', 'create', '--event', 'no.such', 'rule'], /^plimsoll alert create: --event "no\.such": /],
    [2, ['events', '--kind', 'NO'], /^plimsoll events: --kind "NO": /],
  ])('%i: %j', async (code, words, message) => {
    const result = await world.plimsoll(...words);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trimEnd().split('\n'), 'it is said once').toHaveLength(1);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});

test.each([
  [['inspect', 'nobody'], 'container', 'ps'],
  [['stop', 'nobody'], 'container', 'ps'],
  [['image', 'rm', 'nobody'], 'image', 'image ls'],
  [['group', 'freeze', 'nobody'], 'group', 'group ls'],
  [['volume', 'rm', 'nobody'], 'volume', 'volume ls'],
  [['alert', 'rm', 'nobody'], 'alert rule', 'alert ls'],
  [['cgroup', 'inspect', 'nobody'], 'cgroup', 'cgroup ls'],
])('of what is not there, %j names the command that lists', async (words, what, list) => {
  const { code, stderr } = await world.plimsoll(...words);
  expect(code).toBe(1);
  expect(stderr).toContain(`There is no ${what} "nobody". `);
  expect(stderr).toMatch(new RegExp(`\`(npx )?plimsoll ${list}\` lists what there is\\.\n$`));
});

describe('what is offered in place of what is missing', () => {
  test('a command beside those of a container', async () => {
    const beside = ['--pid', 'container:busy', '--mntns', 'container:busy', '--network', 'container:busy'];
    const { code, stdout, stderr } = await world.plimsoll('run', '--rm', ...beside, '--', 'cat', '/proc/1/cmdline');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll('\0', ' ')).toBe('sh -c sleep 4322 & sleep 4323 ');
  });

  test('hosts of one’s own, by a file', async () => {
    const file = join(mkdtempSync(join(ownDirectory(), 'hosts-')), 'hosts');
    writeFileSync(file, '192.0.2.1 peer\n');
    expect(await plimsoll('run', '--rm', '-v', `${file}:/etc/hosts:ro`, 'base', 'cat', '/etc/hosts')).toBe('192.0.2.1 peer');
  });

  test('the host’s network', async () => {
    const { code, stdout } = await world.plimsoll(
      'run',
      '--rm',
      '--network',
      'host',
      '--userns',
      'host',
      '--',
      'ls',
      '/sys/class/net',
    );
    expect({ code, stdout: stdout.trim().split('\n') }).toEqual({ code: 0, stdout: readdirSync('/sys/class/net').toSorted() });
  });

  test('the files of an image as a tar, and what has changed in a container', async () => {
    const directory = mkdtempSync(join(ownDirectory(), 'saved-'));
    const tar = ['tar', '-C', '/', '--one-file-system', '-cf', '/out/rootfs.tar', '.'];
    await plimsoll('run', '--rm', '-v', `${directory}:/out:idmap`, 'base', ...tar);
    await plimsoll('image', 'import', 'saved', join(directory, 'rootfs.tar'));
    expect(await plimsoll('run', '--rm', 'saved', 'echo', 'hello')).toBe('hello');
    await plimsoll('image', 'rm', 'saved');
    const beside = ['--pid', 'container:busy', '--mntns', 'container:busy'];
    await plimsoll('run', '--rm', ...beside, '--', 'touch', '/changed');
    expect(await plimsoll('run', '--rm', ...beside, '--', 'find', '/', '-xdev', '-mmin', '-60')).toContain('/changed');
  });

  test('the newest of ps stands last', async () => {
    await plimsoll('create', '--name', 'newest', 'base', 'true');
    expect((await names()).at(-1)).toBe('newest');
    expect(await plimsoll('images', '-aq')).toBe('base');
  });

  test('rm and kill of what ps chooses', async () => {
    await plimsoll('run', '--name', 'over', '--', 'true');
    const ended = (await plimsoll('ps', '-q', '--filter', 'status=exited')).split('\n');
    expect(await plimsoll('rm', ...ended)).toBe(ended.join('\n'));
    expect(await names('status=exited')).toEqual([]);
  });
});
