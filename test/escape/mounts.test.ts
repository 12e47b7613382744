// @module-tag kernel

import { globSync } from 'node:fs';
import { discoverCgroupLayout } from '@plimsoll/core';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { BLOCK_DEVICE } from '../support/escape/block-device.ts';
import { pidsLimit } from '../support/kernel-files.ts';
import { capable, everyDevice, hostsRoot, inHosts, together } from '../support/escape/weaken.ts';

const layout = discoverCgroupLayout();
const PIDS = 32;
const mountsOnly = [capable('CAP_SYS_ADMIN'), hostsRoot];

/** A v1 hierarchy with a controller: its name is its option. */
const v1 = [...layout.controllers].find(([, { version }]) => version === 1);
const v1Option = v1 === undefined ? null : globSync('/sys/fs/cgroup/*/release_agent').length > 0 ? v1[0] : null;
const pids = layout.controllers.get('pids');

const ATTEMPTS: Attempt[] = [
  {
    title: 'a program that the kernel runs when a cgroup becomes empty',
    after: 'release_agent, CVE-2022-0492',
    absent: v1Option === null ? 'this host has no v1 hierarchy' : null,
    attempt: () => ['mount-and-rewrite', 'cgroup', v1Option ?? '', 'release_agent'],
    weakened: together(...mountsOnly, inHosts('cgroup')),
  },
  {
    title: 'its own limit, by a mount of its cgroup',
    after: 'a writable cgroup mount',
    absent: pids === undefined ? 'this host has no pids controller' : null,
    attempt: () => ['mount-and-write', ...(pids?.version === 1 ? ['cgroup', 'pids'] : ['cgroup2', '']), 'pids.max', 'max'],
    options: () => ({ limits: { pids: PIDS } }),
    escaped: (_, { cgroup }) => pidsLimit(cgroup) !== PIDS,
    weakened: together(...mountsOnly),
  },
  {
    title: 'another /proc, without masks',
    after: 'a second mount of procfs',
    attempt: () => ['mount-and-rewrite', 'proc', '', 'sys/kernel/core_pattern'],
    weakened: together(...mountsOnly),
  },
  {
    title: 'what lies below a mask',
    after: 'umount(2)',
    attempt: () => ['unmask', '/proc/sys'],
    weakened: capable('CAP_SYS_ADMIN'),
  },
  {
    title: "a disk of the host's, in another /dev",
    after: 'devtmpfs',
    absent: BLOCK_DEVICE === null ? 'this host has no disk' : null,
    attempt: () => ['mount-and-open', 'devtmpfs', '', BLOCK_DEVICE?.name ?? ''],
    weakened: together(...mountsOnly, everyDevice),
  },
];

describeAttempts(ATTEMPTS);
