import { expect, test } from 'vitest';
import { CAPABILITIES } from '../abi/capabilities.ts';
import type { OciConfig, OciMount } from './config.ts';
import { InvalidConfig } from './check.ts';
import { validateConfig } from './validate.ts';

function valid(): OciConfig {
  const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
  return {
    ociVersion: '1.2.0',
    root: { path: 'rootfs' },
    hostname: 'web',
    process: {
      ...{ args: ['true'], env: ['PATH=/bin'], cwd: '/', user: { uid: 0, gid: 0 } },
      ...{ capabilities: { ...none, bounding: [...CAPABILITIES] }, noNewPrivileges: true },
    },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: [] }],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'uts' }],
      cgroupsPath: 'plimsoll/default/0123456789abcdef',
      resources: { cpu: { quota: 1000, shares: 2 }, memory: { limit: 1 }, pids: { limit: 1 } },
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys'],
    },
  };
}

/** The same with the property at `path` set. */
function withProperty(path: string, value: unknown): unknown {
  const config: unknown = structuredClone(valid());
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = config as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = value;
  return config;
}

test('a config that is right is given back as it is', () => {
  expect(validateConfig(valid())).toEqual(valid());
});

test.each([null, undefined, 1, 'config', [], {}])('%s is no config', (value) => {
  expect(() => validateConfig(value)).toThrow(InvalidConfig);
});

test.each<[path: string, value: unknown]>([
  ['ociVersion', '2.0.0'],
  ['root.path', '/etc'],
  ['hostname', ''],
  ['hostname', 'x'.repeat(65)],
  ['hooks', {}],
  ['process.args', []],
  ['process.args', 'true'],
  ['process.args.0', 'a\0b'],
  ['process.args.0', 'x'.repeat(131_072)],
  ['process.env.0', 'PATH'],
  ['process.env.0', '=x'],
  ['process.cwd', 'tmp'],
  ['process.cwd', `/${'x'.repeat(4096)}`],
  ['process.user.uid', -1],
  ['process.user.uid', 0xffff_ffff],
  ['process.user.gid', 0.5],
  ['process.terminal', true],
  ['process.capabilities.bounding', ['CAP_NONE']],
  ['process.capabilities.ambient', ['CAP_KILL']],
  ['process.capabilities.ambient', ['CAP_NONE']],
  ['process.noNewPrivileges', 'yes'],
  ['mounts.0.type', 'ext4'],
  ['mounts', [{ destination: '/x', type: 'bind', source: 'x', options: [] }]],
  ['mounts.0.options', ['idmap']],
  ['mounts.0.destination', '/'],
  ['mounts.0.destination', '/proc/self'],
  ['mounts.0.destination', '/a/../b'],
  ['linux.namespaces', [{ type: 'pid' }, { type: 'pid' }, { type: 'mount' }]],
  ['linux.namespaces', [{ type: 'pid' }]],
  ['linux.namespaces.0', { type: 'pid', path: '/etc/passwd' }],
  ['linux.namespaces.0', { type: 'pid', path: '/proc/self/ns/pid' }],
  ['linux.uidMappings', [{ containerID: 0, hostID: 100_000, size: 65_536 }]],
  ['linux.uidMappings', [{ containerID: 0, hostID: 0, size: 65_536 }]],
  ['linux.timeOffsets', { monotonic: { secs: 1, nanosecs: 0 } }],
  ['linux.sysctl', { 'kernel.core_pattern': '|/x' }],
  ['linux.sysctl', { 'kernel.shmmax': '1' }],
  ['linux.sysctl', { 'net.ipv4/../../kernel': '1' }],
  ['linux.devices', [{ type: 'c', path: '/dev/../etc/x', major: 1, minor: 3 }]],
  ['linux.devices', [{ type: 'c', path: '/etc/x', major: 1, minor: 3 }]],
  ['linux.seccomp', { defaultAction: 'SCMP_ACT_NONE' }],
  ['process.rlimits', [{ type: 'RLIMIT_NONE', soft: 1, hard: 1 }]],
  ['process.rlimits', [{ type: 'RLIMIT_NOFILE', soft: -1, hard: 1 }]],
  ['process.oomScoreAdj', 1001],
  ['process.apparmorProfile', 'two words'],
  ['domainname', ''],
  ['linux.cgroupsPath', '../x'],
  ['linux.cgroupsPath', '/plimsoll/x'],
  ['linux.cgroupsPath', 'plimsoll'],
  ['linux.resources.cpu.quota', 1.5],
  ['linux.resources.cpu.shares', 1],
  ['linux.resources.memory.limit', Number.NaN],
  ['linux.resources.hugepageLimits', []],
  ['linux.maskedPaths.0', '/etc/passwd'],
  ['linux.readonlyPaths.0', '/proc/../etc'],
])('%s: %j is refused, and named', (path, value) => {
  const act = () => validateConfig(withProperty(path, value));
  expect(act).toThrow(InvalidConfig);
  expect(act).toThrow(`config.${path}`);
});

test('an ambient capability is permitted and inheritable', () => {
  const having = (sets: Partial<OciConfig['process']['capabilities']>) => {
    const { process, ...config } = valid();
    return { ...config, process: { ...process, capabilities: { ...process.capabilities, ambient: ['CAP_KILL'], ...sets } } };
  };
  const names = ['CAP_KILL'];
  expect(validateConfig(having({ permitted: names, inheritable: names })).process.capabilities.ambient).toEqual(names);
  for (const sets of [{ permitted: names }, { inheritable: names }]) {
    expect(() => validateConfig(having(sets))).toThrow('CAP_KILL, which is not both permitted and inheritable');
  }
});

test("a hostname of a container in the host's own uts namespace is refused", () => {
  expect(() => validateConfig(withProperty('linux.namespaces', [{ type: 'pid' }, { type: 'mount' }]))).toThrow('config.hostname');
});

test('a user namespace has maps from which its root follows, and what shows namespaces of others is not mounted in one', () => {
  const own = ['user', 'mount', 'pid', 'uts'].map((type) => ({ type }));
  const map = [{ containerID: 0, hostID: 1_048_576_000, size: 65_536 }];
  const config = (namespaces: unknown) => {
    const linux = { ...valid().linux, namespaces, uidMappings: map, gidMappings: map };
    return validateConfig({ ...valid(), linux });
  };
  expect(config(own).linux.uidMappings).toEqual(map);
  const joined = own.map(({ type }) => (type === 'pid' ? { type, path: '/proc/17/ns/pid' } : { type }));
  expect(() => config(joined)).toThrow('a pid namespace of others with a user namespace of its own');
  const without = [{ ...map[0], containerID: 1 }];
  expect(() => validateConfig({ ...valid(), linux: { ...valid().linux, namespaces: own, uidMappings: without } })).toThrow(
    'config.linux.uidMappings',
  );
});

test('a cgroup is mounted read-only, on the directory that sysfs has for it', () => {
  const sysfs = { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] };
  const cgroup = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'rprivate', 'ro'] };
  const mounted = (...mounts: OciMount[]) => validateConfig({ ...valid(), mounts }).mounts;
  expect(mounted(sysfs, cgroup)).toEqual([sysfs, cgroup]);
  expect(() => mounted(cgroup, sysfs)).toThrow('config.mounts.0.destination: comes before /sys, which would cover it');
  expect(() => mounted(sysfs, { ...cgroup, destination: '/cgroup' })).toThrow(
    'config.mounts.1.destination: is not /sys/fs/cgroup',
  );
  expect(() => mounted(sysfs, { ...cgroup, options: ['nosuid'] })).toThrow('config.mounts.1.options: has no ro');
  expect(() => mounted(sysfs, { ...cgroup, options: ['ro', 'memory'] })).toThrow('config.mounts.1.options: has memory');
  expect(() => mounted(sysfs, { ...cgroup, options: ['ro', 'rshared'] })).toThrow('config.mounts.1.options: has rshared');
});
