// @module-tag kernel-full

import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SECCOMP_PROFILE, resolveProfile, seccompHost, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { runInCrun, WITHOUT_CRUN } from '../support/crun/crun.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { parseView, VIEW_SCRIPT, type View } from '../support/crun/view.ts';

/** Why fields differ. A pattern of null: there is no such field. */
interface Explanation {
  why: string;
  field: RegExp;
  ours: RegExp | null;
  theirs: RegExp | null;
}

const ANYTHING = /^/;

const ALWAYS: readonly Explanation[] = [
  {
    why: 'our standard streams are an empty device and FIFOs, which outlive a supervisor; crun hands on what it was given',
    field: /^fd\/[012]$/,
    ours: /^\/dev\/null$|\/(?:stdout|stderr)$/,
    theirs: /^socket:/,
  },
  {
    why: 'our overlay is of the image itself; for crun this test mounts one of a copy',
    field: /^mount \/ ofSuperblock$/,
    ours: /upperdir=\S+\/upper/,
    theirs: /lowerdir=\S+\/image,/,
  },
  {
    why: 'a masked directory shows a tmpfs: ours has room for no file and is read-only as a file system, crun’s as a mount',
    field: /^mount \/(?:proc|sys)\/\S+ ofSuperblock$/,
    ours: /nr_inodes=1,ro,size=4k/,
    theirs: /rw,size=0k/,
  },
  {
    why: 'a masked file shows the null device: ours of the container’s own /dev, crun’s of the host’s',
    field: /^mount \/proc\/\S+ (?:ofSuperblock|source|type)$/,
    ours: /^tmpfs$|size=65536k/,
    // Its source is whatever word the host's /dev was mounted with.
    theirs: /^(?:dev|udev|devtmpfs)$|nr_inodes=\d+/,
  },
  {
    why: '… read-only there, which does not matter to a device: nothing is ever written to a null device’s file system',
    field: /^mount \/proc\/\S+ options$/,
    ours: /^rw,nosuid,noexec$/,
    theirs: /^ro,relatime$/,
  },
  {
    why: 'crun’s read-only binds, and its masks, lose what the mount below them has: nosuid, nodev and noexec',
    field: /^mount \/(?:proc|sys)\/\S+ options$/,
    ours: /^ro,nosuid,nodev,noexec,relatime$/,
    theirs: /^ro,relatime$/,
  },
  {
    why: 'crun links /proc/kcore to /dev/core, as some hosts have it; the standard does not, and it is masked',
    field: /^stat \/dev\/core$/,
    ours: null,
    theirs: /^symbolic link/,
  },
];

/** Where v1 hierarchies stand beside each other. On pure v2 the one mount is the same. */
const OF_V1: readonly Explanation[] = [
  {
    why: 'crun mounts each hierarchy that the host has, ours those in which the container has a cgroup of its own',
    field: /^(?:mount|stat) \/sys\/fs\/cgroup\/(?!unified)/,
    ours: null,
    theirs: ANYTHING,
  },
  {
    why: 'crun names the host’s directory as the source of a hierarchy, ours the word that the host mounted it with',
    field: /^mount \/sys\/fs\/cgroup\/\S+ source$/,
    ours: /^\w+$/,
    theirs: /^\/sys\/fs\/cgroup\//,
  },
  {
    why: 'the directory that they stand in is read-only in ours, and has room for them alone',
    field: /^mount \/sys\/fs\/cgroup (?:options|ofSuperblock)$/,
    ours: /^ro,nosuid,nodev,noexec,relatime$|mode=755,nr_inodes=\d+,rw,size=4k/,
    theirs: /^rw,nosuid,nodev,noexec,relatime$|rw,size=1024k/,
  },
  {
    why: '… and is called by its type there, not by the word in the config',
    field: /^mount \/sys\/fs\/cgroup source$/,
    ours: /^tmpfs$/,
    theirs: /^cgroup$/,
  },
  {
    why: '… and has the mode of the host’s, where crun leaves that of a new tmpfs',
    field: /^stat \/sys\/fs\/cgroup$/,
    ours: /^directory 755 0:0/,
    theirs: /^directory 1777 0:0/,
  },
];

const OF_HYBRID: readonly Explanation[] = [
  {
    why: 'crun leaves out the v2 tree that stands beside v1 hierarchies',
    field: /^(?:mount|stat) \/sys\/fs\/cgroup\/unified/,
    ours: ANYTHING,
    theirs: null,
  },
];

const OF_HOST = { v2: [], v1: OF_V1, hybrid: [...OF_V1, ...OF_HYBRID] }[HOST_LAYOUT.kind];

const OF_ROOT_ON_V2: readonly Explanation[] = [
  {
    why: 'crun gives a v2 cgroup to the container’s root, ours stays the host’s root’s: nothing but "read-only" would keep theirs',
    field: /^stat \/sys\/fs\/cgroup$/,
    ours: /^directory 755 65534:65534/,
    theirs: /^directory 755 0:0/,
  },
];

const OF_ROOT: readonly Explanation[] = [
  {
    why: 'crun looks HOME up in the image’s /etc/passwd; ours has the variables of its config and none beside',
    field: /^environ HOME$/,
    ours: null,
    theirs: /^\/root$/,
  },
  {
    why: 'in a user namespace no device node can be made: crun binds the host’s, ours are made before by the host’s root',
    field: /^mount \/dev\/(?:full|null|random|tty|urandom|zero) /,
    ours: null,
    theirs: ANYTHING,
  },
  {
    why: '… so that theirs belong to the host’s root, who is nobody inside',
    field: /^stat \/dev\/(?:full|null|random|tty|urandom|zero)$/,
    ours: /^character special file 666 0:0 /,
    theirs: /^character special file 666 65534:65534 /,
  },
  {
    why: 'crun forgets the other options of an id-mapped bind',
    field: /^mount \/shifted options$/,
    ours: /^rw,nosuid,relatime,idmapped$/,
    theirs: /^rw,relatime,idmapped$/,
  },
];

const OF_NOBODY: readonly Explanation[] = [
  {
    why: "in the host's user namespace ours may take half of what the kernel counts by user, crun's all of it",
    field: /^(?:status SigQ|limits Max (?:pending signals|msgqueue size))$/,
    ours: ANYTHING,
    theirs: ANYTHING,
  },
  {
    why: 'crun makes the finished tree private, whatever was asked for a single mount',
    field: /^mount \/made\/volume propagation$/,
    ours: /^shared:\d+$/,
    theirs: /^$/,
  },
  {
    why: 'crun sets the sticky bit of the first directory that it makes for a mount point',
    field: /^stat \/made$/,
    ours: /^directory 755 0:0/,
    theirs: /^directory 1755 0:0/,
  },
];

/** Root in eight namespaces, and an option of each kind. */
function privateInAll(config: OciConfig, volume: string): void {
  const { process, linux, mounts } = config;
  config.domainname = 'example.org';
  process.user = { uid: 0, gid: 0, additionalGids: [10, 20], umask: 0o027 };
  process.oomScoreAdj = 500;
  process.rlimits = [
    { type: 'RLIMIT_NOFILE', soft: 512, hard: 1024 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
    { type: 'RLIMIT_STACK', soft: 4 * 1024 * 1024, hard: 2 ** 64 },
  ];
  mounts.push(
    { destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'size=1024k', 'mode=700'] },
    { destination: '/volume', type: 'bind', source: volume, options: ['rbind', 'ro', 'nosuid'] },
    { destination: '/shifted', type: 'bind', source: volume, options: ['rbind', 'nosuid', 'idmap'] },
  );
  linux.seccomp = resolveProfile(DEFAULT_SECCOMP_PROFILE, seccompHost(process.capabilities.bounding));
  linux.sysctl = { 'net.ipv4.ip_unprivileged_port_start': '80', 'kernel.shmmax': '65536' };
}

/** Nobody in particular, with few capabilities, a read-only root, and four namespaces of the host's. */
function halfOfTheHosts(config: OciConfig, volume: string): void {
  const { process, linux, mounts } = config;
  delete config.hostname;
  config.root.readonly = true;
  process.cwd = '/tmp';
  process.user = { uid: 1000, gid: 1001, additionalGids: [2000] };
  const few = ['CAP_CHOWN', 'CAP_NET_BIND_SERVICE'];
  process.capabilities = { bounding: few, effective: few, permitted: few, inheritable: few, ambient: [] };
  process.noNewPrivileges = false;
  process.oomScoreAdj = 1000;
  mounts.push(
    { destination: '/made/volume', type: 'bind', source: volume, options: ['bind', 'rshared', 'nodev', 'noexec'] },
    { destination: '/made/file', type: 'bind', source: join(volume, 'file'), options: ['bind', 'ro', 'rslave'] },
  );
  linux.namespaces = (['pid', 'mount', 'ipc', 'cgroup'] as const).map((type) => ({ type }));
  const fuse = { type: 'c', major: 10, minor: 229 } as const;
  linux.devices = [{ ...fuse, path: '/dev/made/fuse', fileMode: 0o640, uid: 1000, gid: 1001 }];
  linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
  };
}

interface Difference {
  field: string;
  ours: string | null;
  theirs: string | null;
}

function differences(ours: View, theirs: View): Difference[] {
  const fields = [...new Set([...ours.keys(), ...theirs.keys()])];
  return fields
    .map((field) => ({ field, ours: ours.get(field) ?? null, theirs: theirs.get(field) ?? null }))
    .filter((one) => one.ours !== one.theirs);
}

function explains(explanation: Explanation, { field, ours, theirs }: Difference): boolean {
  const fits = (pattern: RegExp | null, value: string | null) =>
    pattern === null || value === null ? pattern === value : pattern.test(value);
  return explanation.field.test(field) && fits(explanation.ours, ours) && fits(explanation.theirs, theirs);
}

async function viewOf(container: TestContainer): Promise<View> {
  const started = await container.start();
  const { code } = await started.process.exited;
  await started.settle();
  return parseView(complete({ code, ...container.output() }));
}

function complete({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }): string {
  if (code !== 0 || stderr !== '') throw new Error(`ended with ${code}: ${stderr}`);
  return stdout;
}

const reason = WITHOUT_CRUN === null ? '' : ` (${WITHOUT_CRUN})`;

describe.skipIf(WITHOUT_CRUN !== null)(`a process of ours and one of crun’s differ in nothing unexplained${reason}`, () => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.make();
  });
  afterAll(async () => await core[Symbol.asyncDispose]());

  test.each([
    {
      who: 'root in eight namespaces',
      configure: privateInAll,
      explanations: [...ALWAYS, ...OF_HOST, ...(HOST_LAYOUT.kind === 'v2' ? OF_ROOT_ON_V2 : []), ...OF_ROOT],
    },
    { who: 'nobody in four', configure: halfOfTheHosts, explanations: [...ALWAYS, ...OF_HOST, ...OF_NOBODY] },
  ])('$who', async ({ configure, explanations }) => {
    const directory = join(core.directory, configure.name);
    const volume = join(directory, 'volume');
    for (const path of [directory, volume]) mkdirSync(path);
    writeFileSync(join(volume, 'file'), '');
    chownSync(join(volume, 'file'), 1000, 1000);
    await using container = core.container({
      args: ['/bin/sh', '-c', VIEW_SCRIPT],
      env: ['PATH=/usr/bin:/bin', 'A=x'],
      edit: (config) => configure(config, volume),
    });
    const ours = await viewOf(container);
    const { config, rootfs } = container.request;
    const theirs = parseView(complete(await runInCrun({ directory, config, layers: rootfs.layers })));
    expect(ours.size).toBeGreaterThan(200);
    const found = differences(ours, theirs);
    const unexplained = found.filter((one) => !explanations.some((explanation) => explains(explanation, one)));
    const outdated = explanations.filter((explanation) => !found.some((one) => explains(explanation, one)));
    expect({ unexplained, outdated }).toEqual({ unexplained: [], outdated: [] });
  });
});
