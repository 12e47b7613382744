import {
  CAPABILITIES,
  DEFAULT_CAPABILITIES,
  DEFAULT_MOUNTS,
  DEFAULT_NAMESPACES,
  validateConfig,
  type OciConfig,
} from '@plimsoll/core';
import { CreateContainer, type CreateContainerInput } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { resolveIsolation } from './agent/isolation-request/isolation.ts';
import { ociConfig } from './oci-config.ts';

const OTHER = '00000000000000aa';

function configOf(input: CreateContainerInput): OciConfig {
  const request = CreateContainer.parse(input);
  const find = () => ({ id: OTHER, name: 'other', hostname: '', isolation: {} as never, mounts: [] });
  const isolation = resolveIsolation(request, { caller: { who: 'local' }, find, layers: [] });
  return ociConfig(request, isolation, {
    hostname: 'box',
    args: ['true'],
    env: ['A=1'],
    cwd: '/',
    mounts: [{ destination: '/run/data', type: 'bind', source: '/srv', options: ['rbind'] }],
    cgroupsPath: 'plimsoll/x',
  });
}

/** As core has it once the supervisor has given a range of ids. */
function validated(config: OciConfig): OciConfig {
  const range = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  Object.assign(config.linux, { uidMappings: range, gidMappings: range });
  return validateConfig(config);
}

test('what nobody asked for: root in eight namespaces, few capabilities, no new privileges', () => {
  const config = validated(configOf({}));
  const capabilities = CAPABILITIES.filter((name) => (DEFAULT_CAPABILITIES as readonly string[]).includes(name));
  expect(config.linux.namespaces.map(({ type }) => type).toSorted()).toEqual([...DEFAULT_NAMESPACES].toSorted());
  expect(config.process).toEqual({
    args: ['true'],
    env: ['A=1'],
    cwd: '/',
    user: { uid: 0, gid: 0, additionalGids: [] },
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: capabilities,
      ambient: [],
    },
    noNewPrivileges: true,
  });
  expect(config.hostname).toBe('box');
  expect(config.root).toEqual({ path: 'rootfs', readonly: false });
});

test('every setting of a request has its place in the config, and core takes it', () => {
  const config = validated(
    configOf({
      user: '1000:1001',
      groups: ['7'],
      umask: 0o027,
      readOnly: true,
      domainname: 'example.org',
      timeOffsets: { boottimeS: 60 },
      capabilities: { drop: ['ALL'], add: ['net_bind_service'] },
      noNewPrivileges: false,
      rlimits: { nofile: { soft: 64, hard: 'unlimited' } },
      oomScoreAdj: 10,
      sysctls: { 'net.ipv4.ip_forward': '1' },
      seccomp: { profile: '{"defaultAction":"SCMP_ACT_ALLOW"}' },
    }),
  );
  expect(config.root.readonly).toBe(true);
  expect(config.domainname).toBe('example.org');
  expect(config.process).toMatchObject({
    user: { uid: 1000, gid: 1001, additionalGids: [7], umask: 0o027 },
    // A user other than root keeps over the exec what is ambient.
    capabilities: {
      bounding: ['CAP_NET_BIND_SERVICE'],
      effective: ['CAP_NET_BIND_SERVICE'],
      permitted: ['CAP_NET_BIND_SERVICE'],
      inheritable: ['CAP_NET_BIND_SERVICE'],
      ambient: ['CAP_NET_BIND_SERVICE'],
    },
    noNewPrivileges: false,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 2 ** 64 }],
    oomScoreAdj: 10,
  });
  expect(config.linux).toMatchObject({
    timeOffsets: { boottime: { secs: 60, nanosecs: 0 } },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
  });
});

test('of the default capabilities a user other than root has none', () => {
  const none = { effective: [], permitted: [], inheritable: [], ambient: [] };
  expect(validated(configOf({ user: '1000' })).process.capabilities).toMatchObject(none);
  expect(validated(configOf({ user: '1000', capabilities: { drop: ['chown'] } })).process.capabilities).toMatchObject(none);
});

test('a tmpfs takes the place of a default mount, and comes before what lies within it', () => {
  const { mounts } = validated(
    configOf({
      tmpfs: [
        { destination: '/dev/shm', sizeBytes: 8192 },
        { destination: '/run', mode: 0o755 },
      ],
    }),
  );
  const tmpfs = (...options: string[]) => ['nosuid', 'noexec', 'nodev', ...options];
  expect(mounts.slice(DEFAULT_MOUNTS.length - 1)).toEqual([
    { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: tmpfs('mode=0755') },
    { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options: tmpfs('mode=1777', 'size=8192') },
    { destination: '/run/data', type: 'bind', source: '/srv', options: ['rbind'] },
  ]);
});

test('a tmpfs has the requested size, owner and rights', () => {
  const optionsOf = (tmpfs: object) =>
    validated(configOf({ tmpfs: [{ destination: '/run', ...tmpfs }] })).mounts.find(({ destination }) => destination === '/run')
      ?.options;
  const all = { exec: true, suid: true, mode: 0o700, sizePercent: 50, inodes: 9, uid: 1000, gid: 0 };
  expect(optionsOf(all)).toEqual(['nodev', 'mode=0700', 'size=50%', 'nr_inodes=9', 'uid=1000', 'gid=0']);
  expect(() => optionsOf({ sizePercent: 50, sizeBytes: 8192 })).toThrow('its size is stated twice');
});

test('shared memory has the requested size, and 64 MiB by default', () => {
  const sizeOf = (input: Parameters<typeof configOf>[0]) =>
    configOf(input)
      .mounts.find(({ destination }) => destination === '/dev/shm')
      ?.options?.filter((option) => option.startsWith('size='));
  expect(sizeOf({ shmBytes: 4096 })).toEqual(['size=4096']);
  expect(sizeOf({})).toEqual(['size=65536k']);
});

test('in namespaces of the host’s nothing is set or mounted that would be the host’s', () => {
  const config = configOf({ namespaces: { uts: 'host', mount: 'host', user: 'host' } });
  expect(config).not.toHaveProperty('hostname');
  expect(config.mounts).toEqual([]);
  expect(config.linux.maskedPaths).toEqual([]);
  expect(config.linux.namespaces.map(({ type }) => type)).not.toContain('mount');
});
