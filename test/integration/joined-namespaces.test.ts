// @module-tag kernel

import { readlinkSync } from 'node:fs';
import {
  commandName,
  InvalidConfig,
  NAMESPACE_TYPES,
  namespacePath,
  type NamespaceType,
  type OciConfig,
  type OciMount,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { until } from '../support/until.ts';

let core: Core;
let other: TestContainer;
let otherPid: number;
beforeAll(async () => {
  core = await Core.make();
  other = core.container({ args: ['sleep', 'infinity'], hostname: 'other' });
  otherPid = await startSleeping(other);
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await core[Symbol.asyncDispose]();
});

/** A start is over while the kernel still ends the exec, in which a process enters its time namespace and then takes a new name. */
async function startSleeping(container: TestContainer): Promise<number> {
  const started = await container.start();
  await started.settle();
  const { pid } = started.process;
  await until('it is in all its namespaces', () => commandName(pid) === 'sleep');
  return pid;
}

/** What shows what a namespace has of it can only be mounted by who has rights over it. */
const SHOWN_BY: Partial<Record<NamespaceType, string>> = { pid: 'proc', network: 'sysfs', ipc: 'mqueue' };
const without = (mounts: OciMount[], types: readonly (string | undefined)[]) =>
  mounts.filter(({ type }) => !types.includes(type));

const LINKS: Record<NamespaceType, string> = {
  ...{ pid: 'pid', mount: 'mnt', uts: 'uts', ipc: 'ipc', network: 'net', cgroup: 'cgroup', user: 'user', time: 'time' },
};

/** Which namespaces of a running container are those of process `pid`. */
async function shared(edit: (config: OciConfig) => void, pid: number | 'self'): Promise<NamespaceType[]> {
  await using container = core.container({ args: ['sleep', 'infinity'], edit });
  const ownPid = await startSleeping(container);
  const link = (of: number | 'self', type: NamespaceType) => readlinkSync(`/proc/${of}/ns/${LINKS[type]}`);
  return NAMESPACE_TYPES.filter((type) => link(ownPid, type) === link(pid, type));
}

const joining = (types: readonly NamespaceType[]) => (config: OciConfig) => {
  config.linux.namespaces = NAMESPACE_TYPES.map((type) =>
    types.includes(type) ? { type, path: namespacePath(otherPid, type) } : { type },
  );
  if (types.includes('uts')) delete config.hostname;
  if (types.includes('mount')) config.mounts = [];
  if (types.includes('user')) haveIds(config);
};

/** Of the user namespace that it joins. */
function haveIds({ linux }: OciConfig): void {
  const { uidMappings = [], gidMappings = [] } = other.request.config.linux;
  Object.assign(linux, { uidMappings, gidMappings });
}

describe('a container joins another one’s', () => {
  test.each<NamespaceType[][]>([
    [['uts']],
    [['cgroup']],
    [['time']],
    [['user']],
    [['mount']],
    [['user', 'network']],
    [['user', 'ipc']],
    [['user', 'pid']],
    [['user', 'pid', 'mount']],
    [[...NAMESPACE_TYPES]],
  ])('%j, and no others', async (types) => {
    expect(await shared(joining(types), otherPid)).toEqual(NAMESPACE_TYPES.filter((type) => types.includes(type)));
  });

  test.each<NamespaceType>(['pid', 'network', 'ipc'])(
    '%s in a user namespace of its own, which shows nothing of it',
    async (type) => {
      const edit = (config: OciConfig) => {
        joining([type])(config);
        config.mounts = without(config.mounts, [SHOWN_BY[type]]);
        if (type === 'pid') Object.assign(config.linux, { maskedPaths: [], readonlyPaths: [] });
      };
      expect(await shared(edit, otherPid)).toEqual([type]);
    },
  );

  test('and so sees its host name, processes and files', async () => {
    expect(await core.shell('cat /proc/sys/kernel/hostname', { edit: joining(['uts']) })).toBe('other');
    const script = 'for p in /proc/[0-9]*; do tr "\\\\0" " " < $p/cmdline; echo; done';
    expect(await core.shell(script, { edit: joining(['user', 'pid']) })).toContain('sleep infinity');
    await core.shell('echo here > /tmp/met', { edit: joining(['user', 'mount']) });
    expect(await core.shell('cat /tmp/met', { edit: joining(['user', 'mount']) })).toBe('here');
    expect(await core.shell('ls -A /tmp', { edit: joining(['uts']) })).toBe('');
  });

  test('and ends when the process whose pid namespace it is does', async () => {
    await using first = core.container({ args: ['sleep', 'infinity'] });
    const started = await first.start();
    await started.settle();
    await using second = core.container({
      args: ['sleep', 'infinity'],
      edit: (config) => {
        config.linux.namespaces = NAMESPACE_TYPES.map((type) =>
          type === 'pid' || type === 'user' ? { type, path: namespacePath(started.process.pid, type) } : { type },
        );
        haveIds(config);
      },
    });
    const joined = await second.start();
    await joined.settle();
    process.kill(started.process.pid, 'SIGKILL');
    await expect(joined.process.exited).resolves.toEqual({ code: null, signal: 9 });
  });

  test('unless it has gone: the path is named', async () => {
    const first = core.container({ args: ['true'] });
    const started = await first.start();
    await started.settle();
    await started.process.exited;
    await first[Symbol.asyncDispose]();
    const path = namespacePath(started.process.pid, 'uts');
    const edit = (config: OciConfig) => {
      config.linux.namespaces = NAMESPACE_TYPES.map((type) => (type === 'uts' ? { type, path } : { type }));
      delete config.hostname;
    };
    await expect(core.run(['true'], { edit })).rejects.toThrow(`open the uts namespace ${path}: openat: ENOENT`);
  });

  test('only of the type that it is said to be', async () => {
    const path = namespacePath(otherPid, 'ipc');
    const edit = (config: OciConfig) => {
      config.linux.namespaces = NAMESPACE_TYPES.map((type) => (type === 'uts' ? { type, path } : { type }));
      delete config.hostname;
    };
    await expect(core.run(['true'], { edit })).rejects.toThrow('join the uts namespace: setns: EINVAL');
  });
});

describe('a container runs in the host’s', () => {
  const inHosts = (types: readonly NamespaceType[]) => (config: OciConfig) => {
    config.linux.namespaces = NAMESPACE_TYPES.filter((type) => !types.includes(type)).map((type) => ({ type }));
    if (types.includes('uts')) delete config.hostname;
    if (types.includes('mount')) config.mounts = [];
    const unshown = types.includes('user') ? [] : types.map((type) => SHOWN_BY[type]);
    config.mounts = without(config.mounts, unshown);
    if (types.includes('pid') && !types.includes('user')) Object.assign(config.linux, { maskedPaths: [], readonlyPaths: [] });
  };

  test.each(NAMESPACE_TYPES)('%s', async (type) => {
    expect(await shared(inHosts([type]), 'self')).toEqual([type]);
  });

  test.each<NamespaceType[][]>([[['user', 'pid', 'network', 'ipc']], [[...NAMESPACE_TYPES]]])('%j', async (types) => {
    expect(await shared(inHosts(types), 'self')).toEqual(NAMESPACE_TYPES.filter((type) => types.includes(type)));
  });
});

describe('what cannot be is refused before a start', () => {
  const path = '/proc/1/ns/net';
  type Edit = (config: OciConfig) => void;
  const host =
    (...types: NamespaceType[]): Edit =>
    (config) => {
      config.linux.namespaces = NAMESPACE_TYPES.filter((type) => !types.includes(type)).map((type) => ({ type }));
    };
  const cases: [string, Edit, string][] = [
    ['a type twice', ({ linux }) => linux.namespaces.push({ type: 'pid', path }), 'config.linux.namespaces: names a type twice'],
    [
      'mounts in the host’s mount namespace',
      host('mount'),
      'has no mount namespace of its own, and mounts: /proc would be mounted for others too',
    ],
    ['no ids', ({ linux }) => void (linux.uidMappings = []), 'config.linux.uidMappings: and gidMappings say which ids'],
    [
      'ids for the host’s user namespace',
      (config) => {
        host('user')(config);
        config.linux.uidMappings = [{ containerID: 0, hostID: 1_000_000, size: 1 }];
      },
      "config.linux.uidMappings: are for a user namespace, and it has the host's",
    ],
    ...(['pid', 'network', 'ipc'] as const).map((type): [string, Edit, string] => [
      `the host’s ${type} in a user namespace of its own`,
      host(type),
      `has a ${type} namespace of others with a user namespace of its own, in which the kernel lets nobody mount its ${SHOWN_BY[type]}`,
    ]),
    [
      'offsets of the host’s clocks',
      (config) => {
        host('time')(config);
        config.linux.timeOffsets = { monotonic: { secs: 1, nanosecs: 0 } };
      },
      'config.linux.timeOffsets: need a time namespace of its own',
    ],
    ['a name of the host’s', host('uts'), 'config.hostname: needs a uts namespace of its own: it would rename the host'],
    [
      'a name of another’s',
      ({ linux }) => {
        linux.namespaces = NAMESPACE_TYPES.map((type) => (type === 'uts' ? { type, path: '/proc/1/ns/uts' } : { type }));
      },
      'config.hostname: needs a uts namespace of its own: it would rename another container',
    ],
    [
      'a domain name of the host’s',
      (config) => {
        host('uts')(config);
        delete config.hostname;
        config.domainname = 'x';
      },
      'config.domainname: needs a uts namespace of its own',
    ],
    [
      'a sysctl of the whole host',
      ({ linux }) => void (linux.sysctl = { 'vm.swappiness': '1' }),
      'config.linux.sysctl.vm.swappiness: is of the whole host',
    ],
    [
      'a sysctl of the host’s network',
      (config) => {
        host('network', 'user')(config);
        config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
      },
      'config.linux.sysctl.net.ipv4.ip_forward: needs a network namespace of its own',
    ],
    [
      'a path that is no namespace’s',
      ({ linux }) => void (linux.namespaces[0] = { type: 'pid', path: '/etc/passwd' }),
      'config.linux.namespaces.0.path',
    ],
  ];

  test.each(cases)('%s', (_, edit, sentence) => {
    const make = () => core.container({ edit });
    expect(make).toThrow(InvalidConfig);
    expect(make).toThrow(sentence);
  });
});
