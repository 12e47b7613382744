import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { IsolationRequest } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { isolationHelp, isolationOptions, parseIsolation } from './isolation-options.ts';
import { UsageError } from '../verb.ts';

const typed = (...args: string[]) => parseIsolation(parseArgs({ args, options: isolationOptions, strict: true }).values);

test('nothing typed is nothing asked for', () => {
  expect(IsolationRequest.parse(typed())).toEqual(IsolationRequest.parse({}));
  expect(Object.keys(isolationHelp)).toEqual(Object.keys(isolationOptions));
});

test.each([
  [['-u', '1000:1000', '--group-add', 'adm', '--umask', '027'], { user: '1000:1000', groups: ['adm'], umask: 0o027 }],
  [
    ['--userns', 'host', '--pid=container:db', '--cgroupns', 'private', '--mntns', 'host'],
    { namespaces: { user: 'host', pid: { container: 'db' }, cgroup: 'private', mount: 'host' } },
  ],
  [
    ['--time-offset', 'monotonic=2h', '--time-offset=boottime=-30d'],
    { timeOffsets: { monotonicS: 7200, boottimeS: -2_592_000 } },
  ],
  [['--time-offset=90'], { timeOffsets: { monotonicS: 90, boottimeS: 90 } }],
  [
    ['--cap-drop', 'ALL', '--cap-add', 'net_raw,CAP_CHOWN'],
    { capabilities: { drop: ['ALL'], add: ['CAP_NET_RAW', 'CAP_CHOWN'] } },
  ],
  [['--security-opt', 'seccomp=unconfined'], { seccomp: 'unconfined' }],
  [['--security-opt', 'apparmor=web', '--security-opt', 'no-new-privileges=false'], { appArmor: 'web', noNewPrivileges: false }],
  [['--net', 'container:db'], { namespaces: { network: { container: 'db' } } }],
  [['--security-opt', 'label=system_u:system_r:x_t:s0:c1,c2'], { seLinux: 'system_u:system_r:x_t:s0:c1,c2' }],
  [
    ['--read-only', '--tmpfs', '/run', '--tmpfs', '/cache:rw,noexec,size=64m,mode=755'],
    { readOnly: true, tmpfs: [{ destination: '/run' }, { destination: '/cache', sizeBytes: 64 * 1024 ** 2, mode: 0o755 }] },
  ],
  [
    ['--tmpfs', '/run:exec,suid,uid=1000,gid=0,nr_inodes=100,size=50%', '--tmpfs', '/tmp:exec,noexec,nosuid,nodev'],
    {
      tmpfs: [
        { destination: '/run', exec: true, suid: true, uid: 1000, gid: 0, inodes: 100, sizePercent: 50 },
        { destination: '/tmp' },
      ],
    },
  ],
  [
    ['--device', '/dev/fuse', '--device', '/dev/kvm:r', '--device', '/dev/sdb:/dev/disk:rw'],
    {
      devices: [
        { path: '/dev/fuse', access: 'rwm' },
        { path: '/dev/kvm', access: 'r' },
        { path: '/dev/sdb', destination: '/dev/disk', access: 'rw' },
      ],
    },
  ],
  [['--sysctl', 'net.ipv4.ip_forward=1'], { sysctls: { 'net.ipv4.ip_forward': '1' } }],
  [
    ['--ulimit', 'nofile=64:128', '--ulimit', 'core=0', '--ulimit', 'stack=1:-1'],
    { rlimits: { nofile: { soft: 64, hard: 128 }, core: { soft: 0, hard: 0 }, stack: { soft: 1, hard: 'unlimited' } } },
  ],
  [['--oom-score-adj=-5', '--domainname', 'example.org'], { oomScoreAdj: -5, domainname: 'example.org' }],
])('%j', (args, request) => {
  expect(IsolationRequest.parse(typed(...args))).toEqual({ ...IsolationRequest.parse({}), ...request });
});

test('a seccomp profile is a file of who types, handed on as it is', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-'));
  const path = join(directory, 'profile.json');
  writeFileSync(path, '{"defaultAction": "SCMP_ACT_ALLOW"}');
  expect(typed('--security-opt', `seccomp=${path}`).seccomp).toEqual({ profile: '{"defaultAction": "SCMP_ACT_ALLOW"}' });
  rmSync(directory, { recursive: true });
  expect(() => typed('--security-opt', `seccomp=${path}`)).toThrow(/the profile cannot be read: ENOENT/);
});

test.each([
  ['--userns', 'mine'],
  ['--pid', 'container:'],
  ['--umask', '89'],
  ['--time-offset', 'realtime=1'],
  ['--time-offset', '1.5h'],
  ['--security-opt', 'label=disable'],
  ['--security-opt', 'label=type:container_t'],
  ['--security-opt', 'no-new-privileges=maybe'],
  ['--tmpfs', '/run:sync'],
  ['--tmpfs', '/run:dev'],
  ['--tmpfs', '/run:ro'],
  ['--tmpfs', '/run:uid=root'],
  ['--tmpfs', '/run:size=0%'],
  ['--tmpfs', '/run:size=101%'],
  ['--tmpfs', '/run:mode=9'],
  ['--tmpfs', '/run:size=lots'],
  ['--device', '/dev/a:/dev/b:/dev/c:r'],
  ['--sysctl', 'net.ipv4.ip_forward'],
  ['--ulimit', 'nofile=1:2:3'],
  ['--ulimit', 'nofile=many'],
  ['--ulimit', 'files=1'],
  ['--oom-score-adj', 'low'],
])('%s %s is said to be wrong', (option, value) => {
  expect(() => typed(`${option}=${value}`)).toThrow(UsageError);
  expect(() => typed(`${option}=${value}`)).toThrow(`${option} "${value}"`);
});

test('a unit is missing from the size of a tmpfs', () => {
  expect(() => typed('--tmpfs', '/run:size=64')).toThrow(
    '--tmpfs "/run:size=64": size: 64 bytes is less than 4 KiB; a unit is missing: 64m is 64 MiB',
  );
  expect(typed('--tmpfs', '/run:size=4096').tmpfs).toEqual([{ destination: '/run', sizeBytes: 4096 }]);
});
