// @module-tag kernel

import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { NAMESPACE_TYPES, namespacePath, type NamespaceType } from '@plimsoll/core';
import { PlimsollError, type ContainerView, type CreateContainerInput } from '@plimsoll/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { AgentRequests } from '../../apps/agent/src/client/agent-requests.ts';
import { ended } from '../support/ended.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { expectAsBefore } from '../support/snapshot.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
let client: AgentClient;
let other: ContainerView;

beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
  other = await client.command('container.run', { name: 'other', hostname: 'others', command: ['sleep', '1234'] });
});

/** Runs to its end. Returns what it has written. */
async function shell(script: string, request: CreateContainerInput = {}): Promise<string> {
  const { id } = await client.command('container.run', { ...request, command: ['/bin/sh', '-c', `exec 2>&1; ${script}`] });
  let written = '';
  for await (const lines of new AgentRequests(world.state).logs({ container: id, follow: true })) {
    for (const { text, partial } of lines) written += text + (partial ? '' : '\n');
  }
  await ended(client, id);
  await client.command('container.remove', { container: id });
  return written.trimEnd();
}

function pidOf({ state }: ContainerView): number {
  if (!('pid' in state)) throw new Error(`it is ${state.status}`);
  return state.pid;
}

const namespaceOf = (pid: number, type: NamespaceType) => readlinkSync(namespacePath(pid, type));

/** By type, whether a container that is asked for so is in the host's, in the other one's, or in none of these. */
async function whose(request: CreateContainerInput): Promise<Record<string, string>> {
  const view = await client.command('container.run', { ...request, command: ['sleep', 'infinity'] });
  // The first process enters its time namespace within its exec, and takes its new name after that.
  await until("it has exec'd", () => readFileSync(`/proc/${pidOf(view)}/comm`, 'latin1') === 'sleep\n');
  const found = NAMESPACE_TYPES.map((type) => {
    const inode = namespaceOf(pidOf(view), type);
    if (inode === namespaceOf(process.pid, type)) return [type, 'host'];
    return [type, inode === namespaceOf(pidOf(other), type) ? 'other' : 'own'];
  });
  await client.command('container.remove', { container: view.id, force: true });
  return Object.fromEntries(found) as Record<string, string>;
}

const allOwn = Object.fromEntries(NAMESPACE_TYPES.map((type) => [type, 'own']));

describe('namespaces', () => {
  test('are all its own where nothing is said', async () => {
    expect(await whose({})).toEqual(allOwn);
  });

  test.each(NAMESPACE_TYPES.filter((type) => type !== 'mount' && type !== 'user'))('%s: the host’s', async (type) => {
    const user = 'host' as const;
    expect(await whose({ namespaces: { user, [type]: 'host' } })).toEqual({ ...allOwn, user: 'host', [type]: 'host' });
  });

  test.each(NAMESPACE_TYPES.filter((type) => type !== 'mount'))(
    '%s: another container’s, and the user namespace where it must',
    async (type) => {
      const withUser = ['pid', 'ipc', 'network'].includes(type) ? { user: 'other' } : {};
      expect(await whose({ namespaces: { [type]: { container: 'other' } } })).toEqual({
        ...allOwn,
        ...withUser,
        [type]: 'other',
      });
    },
  );

  test('mounts of another container’s are its files', async () => {
    await client.command('container.run', {
      name: 'tree',
      command: ['sh', '-c', 'echo there > /made-here; exec sleep infinity'],
    });
    const namespaces = { user: { container: 'tree' }, mount: { container: 'tree' } };
    expect(await shell('until [ -s /made-here ]; do sleep 0.01; done; cat /made-here', { namespaces })).toBe('there');
    await client.command('container.remove', { container: 'tree', force: true });
  });

  test('who shares processes sees them, and who shares the host name has it', async () => {
    expect(await shell('ps -o args; hostname', { namespaces: { pid: { container: 'other' } } })).toContain('sleep 1234');
    expect(await shell('hostname', { namespaces: { uts: { container: 'other' } } })).toBe('others');
    expect(await shell('ps -o args')).not.toContain('sleep 1234');
  });

  test('clocks are ahead, or behind, by what was asked', async () => {
    const day = 86_400;
    const told = await shell('cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets', {
      timeOffsets: { boottimeS: 30 * day, monotonicS: -60 },
    });
    const [up = '', monotonic = '', boottime = ''] = told.split('\n');
    expect(Math.abs(Number(up) - uptime() - 30 * day)).toBeLessThan(60 * SLOWNESS);
    expect(monotonic).toMatch(/^monotonic\s+-60\s+0$/);
    expect(boottime).toMatch(/^boottime\s+2592000\s+0$/);
  });
});

describe('the process', () => {
  test('is who was asked for, by number or by the image’s names', async () => {
    const told = 'echo $(id -u):$(id -g) $(id -G)';
    expect(await shell(told)).toBe('0:0 0');
    expect(await shell(told, { user: '1000:1001', groups: ['7', '8'] })).toBe('1000:1001 1001 7 8');
    const [, name = '', uid = '', gid = ''] = /^([a-z]+):[^:]*:([1-9]\d*):(\d+):/m.exec(await shell('cat /etc/passwd')) ?? [];
    expect(await shell(told, { user: name })).toMatch(new RegExp(`^${uid}:${gid} `));
    await expect(shell(told, { user: 'nobody-of-that-name' })).rejects.toThrow(/there is no user "nobody-of-that-name"/);
  });

  test('has the capabilities of the default set, more, fewer, or none', async () => {
    const told = "sed -n 's/^CapBnd:\\t//p;s/^CapEff:\\t//p' /proc/self/status | sort -u";
    const bits = async (request: CreateContainerInput) => BigInt(`0x${await shell(told, request)}`);
    const usual = await bits({});
    expect(await bits({ capabilities: { add: ['NET_RAW'], drop: ['CHOWN'] } })).toBe((usual | (1n << 13n)) & ~1n);
    expect(await bits({ capabilities: { drop: ['ALL'] } })).toBe(0n);
    expect(await bits({ capabilities: { drop: ['ALL'], add: ['CAP_KILL'] } })).toBe(1n << 5n);
  });

  test('has the filter that was asked for', async () => {
    const told = "sed -n 's/^Seccomp:\\t//p;s/^NoNewPrivs:\\t//p' /proc/self/status; mkdir /made && echo made";
    expect(await shell(told)).toBe('1\n2\nmade');
    expect(await shell(told, { seccomp: 'unconfined', noNewPrivileges: false })).toBe('0\n0\nmade');
    const profile = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
    });
    expect(await shell(told, { seccomp: { profile } })).toMatch(/^1\n2\n.*No space left on device$/);
  });

  test('has its umask, limits and out-of-memory score', async () => {
    const told = 'umask; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj';
    const rlimits = { nofile: { soft: 64, hard: 128 } };
    expect(await shell(told, { umask: 0o027, rlimits, oomScoreAdj: 500 })).toBe('0027\n64\n128\n500');
  });

  test('has its sysctls and domain name, and the host keeps its own', async () => {
    const path = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
    const before = readFileSync(path, 'utf8');
    const request = { sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' }, domainname: 'example.org' };
    expect(await shell(`cat ${path} /proc/sys/kernel/domainname`, request)).toBe('80\nexample.org');
    expect(readFileSync(path, 'utf8')).toBe(before);
    await expect(shell('true', { sysctls: { 'kernel.panic': '1' } })).rejects.toThrow(/kernel[./]panic/);
  });
});

describe('its files', () => {
  test('cannot be changed where they are read-only, but for a tmpfs', async () => {
    const told =
      'touch /x; touch /cache/y && stat -f -c %T /cache && stat -c %a /cache && df -k /cache | tail -n 1 | tr -s " " | cut -d" " -f2';
    const written = await shell(told, { readOnly: true, tmpfs: [{ destination: '/cache', sizeBytes: 1024 ** 2, mode: 0o700 }] });
    expect(written).toMatch(/Read-only file system\ntmpfs\n700\n1024$/);
  });

  test('of a tmpfs have the owner of the request, and are executable with `exec` alone', async () => {
    const script =
      'cp /bin/true /cache/true; cp /bin/true /closed/true; stat -c %a:%u:%g /cache; /cache/true && ! /closed/true 2>&1';
    const tmpfs = [{ destination: '/cache', exec: true, uid: 1000, gid: 1001, mode: 0o750 }, { destination: '/closed' }];
    expect(await shell(script, { tmpfs })).toMatch(/^750:1000:1001\n.*Permission denied$/);
    const beyond = shell('true', { tmpfs: [{ destination: '/cache' }, { destination: '/x', uid: 70_000 }] });
    await expect(beyond).rejects.toThrow('70000 is none of the 65536 ids');
  });

  test('have a device of the host’s that was asked for, and it works; others do not', async () => {
    const devices = [{ path: '/dev/zero', destination: '/dev/made/zero', access: 'r' }];
    expect(await shell('head -c 3 /dev/made/zero | wc -c; stat -c "%F %t:%T" /dev/made/zero', { devices })).toBe(
      '3\ncharacter special file 1:5',
    );
    await expect(shell('true', { devices: [{ path: '/dev/nowhere' }] })).rejects.toThrow(
      '/dev/nowhere is not there on this host',
    );
  });
});

test('what cannot be had together is refused, and leaves nothing', async () => {
  const before = await world.settledSnapshot();
  for (const request of [
    { namespaces: { pid: 'host' } },
    { namespaces: { network: { container: 'other' }, user: 'private' } },
    { namespaces: { uts: 'host', user: 'host' }, hostname: 'x' },
    { namespaces: { uts: { container: 'nobody' } } },
    { namespaces: { time: 'host' }, timeOffsets: { monotonicS: 1 } },
    { capabilities: { add: ['CAP_NONE'] } },
    { seccomp: { profile: '{}' } },
    { sysctls: { 'net.ipv4.ip_forward': '1' }, namespaces: { network: 'host', user: 'host' } },
    { tmpfs: [{ destination: '/proc/x' }] },
    { user: 'a:b:c' },
  ] as CreateContainerInput[]) {
    await expect(
      client.command('container.run', { name: 'refused', command: ['true'], ...request }),
      JSON.stringify(request),
    ).rejects.toBeInstanceOf(PlimsollError);
  }
  await expectAsBefore(world.place, before);
  expect([...client.containers.values()].map(({ name }) => name)).toEqual(['other']);
});

test('a view tells what was asked for, and inspect says it', async () => {
  const view = await client.command('container.create', {
    name: 'told',
    command: ['true'],
    namespaces: { pid: { container: 'other' } },
    capabilities: { drop: ['ALL'] },
    seccomp: 'unconfined',
    readOnly: true,
  });
  expect(view.isolation).toMatchObject({
    namespaces: { pid: { container: other.id }, user: { container: other.id }, uts: 'private' },
    capabilities: [],
    seccomp: 'unconfined',
    readOnly: true,
  });
  const told = await world.plimsoll('inspect', 'told');
  expect(told.stdout).toMatch(/^namespaces\s+pid: that of other, user: that of other$/m);
  expect(told.stdout).toMatch(/^capabilities\s+none\nseccomp\s+unconfined\nrootfs\s+read-only$/m);
  await client.command('container.remove', { container: 'told' });
});

test('the command line takes a profile of who types, and says what is wrong', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-profile-'));
  const path = join(directory, 'no-mkdir.json');
  writeFileSync(
    path,
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}',
  );
  const run = (...args: string[]) => world.plimsoll('run', '--rm', ...args);
  expect(await run('--security-opt', `seccomp=${path}`, '-u', '7:8', '--', 'sh', '-c', 'id -u; mkdir /tmp/x')).toMatchObject({
    code: 1,
    stdout: '7\n',
    stderr: expect.stringContaining('Operation not permitted'),
  });
  rmSync(directory, { recursive: true });
  expect(existsSync(path)).toBe(false);
  expect(await run('--pid', 'host', '--', 'true')).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/^plimsoll run: --pid "host": .*--userns host/),
  });
});

describe('shared memory', () => {
  test('has the size that was asked for, and says so', async () => {
    const tell = 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2';
    expect(await shell(tell, { shmBytes: 2 ** 20 })).toBe('1024');
    expect(await shell(tell)).toBe('65536');
    const { isolation } = await client.command('container.create', { command: ['true'], shmBytes: 2 ** 20 });
    expect(isolation.shmBytes).toBe(2 ** 20);
    expect(other.isolation.shmBytes).toBe(64 * 2 ** 20);
  });

  test.each<CreateContainerInput>([
    { shmBytes: 4095 },
    { shmBytes: 2 ** 20, namespaces: { ipc: { container: 'other' } } },
    { shmBytes: 2 ** 20, namespaces: { user: 'host', ipc: 'host' } },
    { shmBytes: 2 ** 20, namespaces: { mount: { container: 'other' } } },
    { shmBytes: 2 ** 20, tmpfs: [{ destination: '/dev/shm' }] },
  ])('is refused where it is not its own: %j', async (request) => {
    await expect(client.command('container.create', { ...request, command: ['true'] })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});
