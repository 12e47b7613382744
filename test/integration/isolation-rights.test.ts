import { readFileSync } from 'node:fs';
import type { CreateContainerInput } from '@plimsoll/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Session, signIn } from '../support/session.ts';
import { expectAsBefore } from '../support/snapshot.ts';
import { World } from '../support/world.ts';

const SLEEP = ['sleep', 'infinity'];

let world: World;
let asked: Session;

/** Its neighbours: one as anybody's, one that root gave files of the host, one beside that one. */
beforeAll(async () => {
  world = await World.shared();
  asked = await signIn(world);
  const root = await world.client();
  const bind = { kind: 'bind', source: '/etc', destination: '/etc-of-host', readOnly: true } as const;
  await root.command('container.run', { name: 'plain', command: SLEEP });
  await root.command('container.run', { name: 'with-files', command: SLEEP, mounts: [bind] });
  await root.command('container.run', { name: 'beside', command: SLEEP, namespaces: { pid: { container: 'with-files' } } });
});

const NAMES = ['beside', 'plain', 'with-files'];
/** By request: a live list can lag behind an answer that comes over another connection. */
const names = async () => (await (await world.client()).command('container.list', {})).map(({ name }) => name).toSorted();

describe('a signed-in session', () => {
  test.each<[string, CreateContainerInput]>([
    ['the host’s namespaces', { namespaces: { user: 'host', pid: 'host' } }],
    ['one of them', { namespaces: { uts: 'host' } }],
    ['files of the host by another’s mounts', { namespaces: { mount: { container: 'with-files' } } }],
    ['the same by its processes', { namespaces: { pid: { container: 'with-files' } } }],
    ['the same by a third one', { namespaces: { pid: { container: 'beside' } } }],
    ['a capability over the host', { capabilities: { add: ['SYS_ADMIN'] } }],
    ['no filter', { seccomp: 'unconfined' }],
    ['setuid programs', { noNewPrivileges: false }],
    ['a device', { devices: [{ path: '/dev/zero', destination: '/dev/zero-again' }] }],
    ['to outlive others in want of memory', { oomScoreAdj: -1 }],
  ])('is refused %s, and nothing is made', async (_, request) => {
    const before = await world.settledSnapshot();
    const { status, answer } = await asked('container.run', { name: 'asked', command: SLEEP, ...request });
    expect(status).toBe(403);
    expect(answer).toMatchObject({ error: { code: 'forbidden', hint: expect.stringMatching(/root on the host/) } });
    expect(await names()).toEqual(NAMES);
    await expectAsBefore(world.place, before);
  });

  test('has what reaches no further than its containers', async () => {
    const request = {
      namespaces: { pid: { container: 'plain' } },
      user: '1000',
      capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
      readOnly: true,
      tmpfs: [{ destination: '/run' }],
      sysctls: { 'net.ipv4.ip_forward': '1' },
      rlimits: { nofile: { soft: 10, hard: 20 } },
      timeOffsets: { boottimeS: 3600 },
    };
    expect(await asked('container.run', { name: 'asked', command: SLEEP, ...request })).toMatchObject({ status: 200 });
    await asked('container.remove', { container: 'asked', force: true });
  });
});

const NR_OPEN = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'));

test.each<[string, string[], RegExp]>([
  [
    'a limit above what anybody has',
    ['--ulimit', `nofile=${NR_OPEN + 1}`],
    /set RLIMIT_NOFILE: .*EPERM.*: the hard limit is above that of Plimsoll itself/,
  ],
  [
    'a sysctl that is not there',
    ['--sysctl', 'net.ipv4.nothing=1'],
    /set net\.ipv4\.nothing: .*: this kernel has no such sysctl/,
  ],
  ['a value that a sysctl has not', ['--sysctl', 'net.ipv4.ip_forward=some'], /: the kernel does not take this value/],
])('%s is refused by the kernel, in words, and nothing is left', async (_, options, told) => {
  const before = await world.settledSnapshot();
  const { code, stderr } = await world.plimsoll('run', '--name', 'refused', ...options, '--', 'true');
  expect(stderr).toMatch(told);
  expect(code).toBe(125);
  expect(await names()).toEqual(NAMES);
  await expectAsBefore(world.place, before);
});

test('an out-of-memory score below the supervisor’s is its own, or CAP_SYS_RESOURCE is named', async () => {
  const { code, stdout, stderr } = await world.plimsoll(
    ...['run', '--rm', '--oom-score-adj', '-500', '--', 'cat', '/proc/self/oom_score_adj'],
  );
  if (code === 0) expect(stdout).toBe('-500\n');
  else expect(stderr).toMatch(/set the out-of-memory score: .*EACCES.*CAP_SYS_RESOURCE/);
});

test.each([
  [['--pid', 'host'], /^--pid "host": .*--userns host/],
  [['--userns', 'private', '--net', 'container:plain'], /^--net "container:plain": .*--userns container:plain/],
  [['--user', '65536'], /^--user "65536": 65536 is none of the 65536 ids .*--userns host/],
  [['--time-offset', 'boottime=-40000d'], /^--time-offset "boottime=-40000d": .* had not begun/],
  [['--time', 'host', '--time-offset', '1h'], /^--time-offset "1h": .*leave --time out/],
  [['--sysctl', 'vm.swappiness=1'], /^--sysctl "vm\.swappiness=1": vm\.swappiness is of the whole host/],
  [
    ['--sysctl', 'net.ipv4.ip_forward=1', '--net', 'container:plain'],
    /^--sysctl "net\.ipv4\.ip_forward=1": .* network namespace this is/,
  ],
  [['--hostname', 'x', '--uts', 'container:plain'], /^--hostname "x": .*leave --uts out/],
  [['--tmpfs', '/run', '--mntns', 'container:plain'], /^--tmpfs "\/run": it would change the mounts of another container/],
  [['--device', '/dev/zero'], /^--device "\/dev\/zero": \/dev\/zero is every container's own already/],
  [['--device', '/dev/shm:/dev/x'], /^--device "\/dev\/shm:\/dev\/x": \/dev\/shm is no device/],
  [['--cap-add', 'kill', '--cap-drop', 'kill'], /^--cap-add or --cap-drop: CAP_KILL is to be added and dropped/],
  [['--ulimit', 'files=1'], /"files" is none of as, core, /],
])('plimsoll run %j says why not, and what to do', async (options, told) => {
  const { code, stderr } = await world.plimsoll('run', ...options, '--', 'true');
  expect(stderr.replace(/^plimsoll run: /, '')).toMatch(told);
  expect(code).toBe(125);
  expect(await names()).toEqual(NAMES);
});
