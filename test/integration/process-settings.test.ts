// @module-tag kernel

import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CAPABILITIES, idMap, IDS_IN_A_RANGE, InvalidConfig, type OciConfig, type OciRlimit } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';
import { runInCrun, WITHOUT_CRUN } from '../support/crun/crun.ts';
import { probeLayer, WITHOUT_PROBE } from '../support/probe/probe.ts';

const SECURITY_MODULES = '/sys/kernel/security/lsm';
const modules = existsSync(SECURITY_MODULES) ? readFileSync(SECURITY_MODULES, 'utf8') : '';

let core: Core;
beforeAll(async () => {
  core = await Core.make();
});
afterAll(async () => await core[Symbol.asyncDispose]());

const ofProcess = (process: Partial<OciConfig['process']>) => ({
  edit: (config: OciConfig) => void Object.assign(config.process, process),
});
const ofLinux = (linux: Partial<OciConfig['linux']>) => ({
  edit: (config: OciConfig) => void Object.assign(config.linux, linux),
});

describe('rlimits', () => {
  test.each<[OciRlimit, string]>([
    [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }, 'Max open files 100 200'],
    [{ type: 'RLIMIT_CORE', soft: 0, hard: 2 ** 64 }, 'Max core file size 0 unlimited'],
    [{ type: 'RLIMIT_STACK', soft: 2 ** 64, hard: 2 ** 64 }, 'Max stack size unlimited unlimited'],
    [{ type: 'RLIMIT_FSIZE', soft: 2 ** 40 + 1, hard: 2 ** 53 - 1 }, `Max file size ${2 ** 40 + 1} ${2 ** 53 - 1}`],
    [{ type: 'RLIMIT_NPROC', soft: 7, hard: 8 }, 'Max processes 7 8'],
  ])('%j', async (rlimit, line) => {
    const limits = await core.shell("tr -s ' ' < /proc/1/limits", ofProcess({ rlimits: [rlimit] }));
    expect(limits).toContain(`${line} `);
  });

  test('hold', async () => {
    const rlimits = [{ type: 'RLIMIT_FSIZE', soft: 1024, hard: 1024 }];
    const { exit } = await core.run(['dd', 'if=/dev/zero', 'of=/file', 'bs=2048', 'count=1'], ofProcess({ rlimits }));
    expect(exit.code === 0).toBe(false);
  });

  test('cannot be set with a soft one above the hard one', async () => {
    const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 200, hard: 100 }];
    await expect(core.run(['true'], ofProcess({ rlimits }))).rejects.toThrow('set RLIMIT_NOFILE: prlimit64: EINVAL');
  });
});

test('an out-of-memory score', async () => {
  expect(await core.shell('cat /proc/1/oom_score_adj', ofProcess({ oomScoreAdj: 777 }))).toBe('777');
  expect(await core.shell('cat /proc/1/oom_score_adj')).toBe(readFileSync('/proc/self/oom_score_adj', 'utf8').trim());
});

test('a umask', async () => {
  const umask = async (user: Partial<OciConfig['process']['user']>) =>
    await core.shell('umask; touch /tmp/file; stat -c %a /tmp/file', ofProcess({ user: { uid: 0, gid: 0, ...user } }));
  expect(await umask({})).toBe('0022\n644');
  expect(await umask({ umask: 0o077 })).toBe('0077\n600');
});

test('a user and groups', async () => {
  const user = { uid: 1000, gid: 1001, additionalGids: [2000, 3000] };
  const told = await core.shell("id -u; id -G; grep Cap /proc/1/status | tr -s '\\t\\n' ' '", ofProcess({ user }));
  const [uid, groups, capabilities] = told.split('\n');
  expect([uid, groups]).toEqual(['1000', '1001 2000 3000']);
  // By the exec of somebody who is not root (capabilities(7)).
  expect(capabilities).toMatch(/CapPrm: 0+ CapEff: 0+ CapBnd: 0+800405fb CapAmb: 0+$/);
});

describe.skipIf(WITHOUT_PROBE !== null)('ambient capabilities', () => {
  const NET_BIND_SERVICE = ['CAP_NET_BIND_SERVICE'];
  const layers = () => [probeLayer(core.directory), ...core.baseLayers];
  /** Of a user other than root, who has `names` and may gain what root has. */
  const having = (names: string[], noNewPrivileges = true) => ({
    layers: layers(),
    edit: ({ process }: OciConfig) => {
      const { bounding } = process.capabilities;
      process.capabilities = { bounding, effective: names, permitted: names, inheritable: names, ambient: names };
      process.user = { uid: 1000, gid: 1000 };
      process.noNewPrivileges = noNewPrivileges;
    },
  });
  const setsIn = (status: string): Record<string, string> =>
    Object.fromEntries(status.matchAll(/^Cap(\w+):\t0*([0-9a-f]+)$/gm).map(([, set = '', bits = '']) => [set, bits]));

  test.each([true, false])(
    'are there after the exec, with no_new_privs %s, and bind a port of root’s',
    async (noNewPrivileges) => {
      const options = having(NET_BIND_SERVICE, noNewPrivileges);
      const { stdout } = await core.run(['/probe', 'status', 'Cap'], options);
      expect(setsIn(stdout)).toEqual({ Inh: '400', Prm: '400', Eff: '400', Bnd: '800405fb', Amb: '400' });
      expect((await core.run(['/probe', 'bind', '80'], options)).stdout).toBe('ok\n');
      expect((await core.run(['/probe', 'bind', '80'], having([], noNewPrivileges))).stdout).toBe('EACCES\n');
    },
  );

  test('pass on through a shell, and go with a program that changes the user', async () => {
    const directory = join(core.directory, 'set-user-id');
    mkdirSync(directory);
    cpSync(join(probeLayer(core.directory), 'probe'), join(directory, 'as-2000'));
    chownSync(join(directory, 'as-2000'), 2000, 2000);
    chmodSync(join(directory, 'as-2000'), 0o4755);
    const script = '/probe status CapEff; /as-2000 status Uid; /as-2000 status Cap';
    const of = async (noNewPrivileges: boolean) => {
      const options = having(NET_BIND_SERVICE, noNewPrivileges);
      return (await core.shell(script, { ...options, layers: [directory, ...options.layers] })).split('\n');
    };
    const [inShell = '', uid = '', ...sets] = await of(false);
    expect(inShell).toMatch(/^CapEff:\t0+400$/);
    expect(uid).toBe('Uid:\t1000\t2000\t2000\t2000');
    expect(setsIn(sets.join('\n'))).toMatchObject({ Prm: '0', Eff: '0', Amb: '0' });
    // Under no_new_privs the file's bit is passed over, and nothing changes by it.
    const [, sameUid = '', ...same] = await of(true);
    expect(sameUid).toBe('Uid:\t1000\t1000\t1000\t1000');
    expect(setsIn(same.join('\n'))).toMatchObject({ Prm: '400', Eff: '400', Amb: '400' });
  });

  test('are those of all 41 as well', async () => {
    const { stdout } = await core.run(['/probe', 'status', 'CapAmb'], {
      layers: layers(),
      edit: (config) => {
        having([...CAPABILITIES]).edit(config);
        config.process.capabilities.bounding = [...CAPABILITIES];
      },
    });
    expect(stdout).toBe('CapAmb:\t000001ffffffffff\n');
  });

  test.skipIf(WITHOUT_CRUN !== null)('are as crun has them', async () => {
    for (const [i, args] of [
      ['status', 'Cap'],
      ['bind', '80'],
    ].entries()) {
      const options = { ...having(NET_BIND_SERVICE), args: ['/probe', ...args] };
      await using container = core.container(options);
      const ours = await core.run(options.args, options);
      const directory = join(core.directory, `crun-${i}`);
      mkdirSync(directory);
      const theirs = await runInCrun({ directory, config: container.request.config, layers: options.layers });
      expect(ours.stdout).not.toBe('');
      expect({ stdout: ours.stdout, code: ours.exit.code }).toEqual({ stdout: theirs.stdout, code: theirs.code });
    }
  });
});

describe('sysctls', () => {
  test('are set in namespaces of its own, by dots or slashes, and the host’s stay', async () => {
    const names = ['net/ipv4/ip_unprivileged_port_start', 'kernel/shmmax', 'net/ipv4/conf/lo/forwarding', 'fs/mqueue/msg_max'];
    const read = (name: string) => readFileSync(`/proc/sys/${name}`, 'utf8');
    const before = names.map(read);
    const sysctl = {
      'net.ipv4.ip_unprivileged_port_start': '80',
      'kernel.shmmax': '65536',
      'net/ipv4/conf/lo/forwarding': '1',
      'fs.mqueue.msg_max': '5',
    };
    const paths = names.map((name) => `/proc/sys/${name}`).join(' ');
    expect(await core.shell(`cat ${paths}`, ofLinux({ sysctl }))).toBe('80\n65536\n1\n5');
    expect(names.map(read)).toEqual(before);
  });

  test.each([
    ['kernel.domainname', 'other.example'],
    ['kernel/domainname', 'other.example'],
  ])('%s', async (name, value) => {
    expect(await core.shell('cat /proc/sys/kernel/domainname', ofLinux({ sysctl: { [name]: value } }))).toBe(value);
  });

  test.each([
    ['vm.swappiness', 'is of the whole host'],
    ['kernel.core_pattern', 'is of the whole host'],
    ['kernel/core_pattern', 'is of the whole host'],
    ['kernel.shmmax/../core_pattern', 'is'],
    ['net/../kernel/core_pattern', 'is'],
    ['net....kernel.core_pattern', 'is'],
    ['net./../kernel', 'is'],
  ])('are refused: %s', (name, why) => {
    const container = () => core.container(ofLinux({ sysctl: { [name]: '1' } }));
    expect(container).toThrow(InvalidConfig);
    expect(container).toThrow(why);
  });

  test('that the kernel refuses are named', async () => {
    const sysctl = { 'net.ipv4.ip_unprivileged_port_start': 'none' };
    await expect(core.run(['true'], ofLinux({ sysctl }))).rejects.toThrow(
      'set net.ipv4.ip_unprivileged_port_start: write: EINVAL',
    );
  });
});

test('names of a host and a domain', async () => {
  const before = [hostname(), readFileSync('/proc/sys/kernel/domainname', 'utf8')];
  const edit = (config: OciConfig) => void (config.domainname = 'whales.example');
  expect(await core.shell('cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname', { hostname: 'blue', edit })).toBe(
    'blue\nwhales.example',
  );
  expect([hostname(), readFileSync('/proc/sys/kernel/domainname', 'utf8')]).toEqual(before);
});

describe('a device', () => {
  const device = { type: 'c', path: '/dev/more/zero', major: 1, minor: 5 } as const;

  test('is made where it is to be, and is whose it is to be', async () => {
    const devices = [{ ...device, fileMode: 0o640, uid: 7, gid: 8 }];
    const script = "stat -c '%F %a %u:%g %t:%T' /dev/more/zero; stat -c %F:%a /dev/more; head -c 2 /dev/more/zero | od -An -tx1";
    expect(await core.shell(script, ofLinux({ devices }))).toBe('character special file 640 7:8 1:5\ndirectory:755\n 00 00');
  });

  test('that no rule allows cannot be opened', async () => {
    const devices = [{ ...device, path: '/dev/kmsg', major: 1, minor: 11 }];
    const { stderr } = await core.run(['cat', '/dev/kmsg'], ofLinux({ devices }));
    expect(stderr).toContain('Operation not permitted');
  });
});

describe('the session keyring', () => {
  /** Of ids that no other container has: who has the same may look at each other's keys. */
  const keysOf = async (first: number) => {
    const ids = idMap(first + (process.pid % 1000) * IDS_IN_A_RANGE);
    return await core.shell('cat /proc/keys', ofLinux({ maskedPaths: [], uidMappings: ids, gidMappings: ids }));
  };

  test('is another in each container, and the only one that it sees', async () => {
    const [one, other] = [await keysOf(2_000_000_000), await keysOf(2_100_000_000)];
    for (const keys of [one, other]) expect(keys).toMatch(/^[^\n]+ keyring +_ses: empty$/);
    expect(one.split(' ')[0]).not.toBe(other.split(' ')[0]);
  });

  test.skipIf(WITHOUT_PROBE !== null)('holds no key, and can be read by whose it is', async () => {
    const layers = [probeLayer(core.directory), ...core.baseLayers];
    expect(await core.shell('/probe keys', { layers })).toBe('0');
    const nobody = ofProcess({ user: { uid: 1000, gid: 1000 }, noNewPrivileges: true });
    expect(await core.shell('/probe keys', { layers, ...nobody })).toBe('0');
  });
});

describe('a label', () => {
  test.skipIf(modules.includes('apparmor'))('of AppArmor is refused where it is not active', async () => {
    await expect(core.run(['true'], ofProcess({ apparmorProfile: 'confined' }))).rejects.toThrow(
      'config.process.apparmorProfile: asks for a label, and AppArmor is not active on this host',
    );
    await expect(core.run(['true'], ofProcess({ apparmorProfile: 'unconfined' }))).resolves.toMatchObject({ exit: { code: 0 } });
  });

  test.skipIf(modules.includes('selinux'))('of SELinux is refused where it is not active', async () => {
    const start = core.run(['true'], ofProcess({ selinuxLabel: 'system_u:system_r:container_t:s0:c1,c2' }));
    await expect(start).rejects.toThrow('config.process.selinuxLabel: asks for a label, and SELinux is not active on this host');
  });
});
