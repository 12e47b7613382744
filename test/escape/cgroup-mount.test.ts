// @module-tag kernel

import { Cgroup, CGROUP_DIRECTORY, discoverCgroupLayout } from '@plimsoll/core';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import type { Ground } from '../support/escape/ground.ts';
import { capable, hostsRoot, startedOtherwise, together, type Weakening } from '../support/escape/weaken.ts';

const layout = discoverCgroupLayout();
const isV2 = layout.kind === 'v2';
const onV1 = isV2 ? 'this host has no v1 hierarchy' : null;
const inTree = layout.unified === null ? 'this host has no v2 tree' : null;

/** Its own cgroup in the hierarchy of the memory controller, and in the v2 tree. */
const memory = isV2 ? CGROUP_DIRECTORY : `${CGROUP_DIRECTORY}/memory`;
const unified = isV2 ? CGROUP_DIRECTORY : `${CGROUP_DIRECTORY}/unified`;

/** As it would be mounted with the option rw. */
const writable: Weakening = startedOtherwise('whose cgroup is mounted writable', ({ syscall, purpose }) =>
  syscall === 'mount_setattr' && purpose === `mount the cgroup on ${CGROUP_DIRECTORY}` ? null : undefined,
);

/** What each of the two holds alone. */
const both = together(hostsRoot, writable);

const opening = (title: string, after: string, path: string, absent: string | null = null): Attempt => ({
  title,
  after,
  absent,
  attempt: () => ['open-for-writing', path],
  weakened: both,
});

const limit = isV2 ? 'memory.max' : 'memory.limit_in_bytes';

/** Of the group that the container is in, and whatever else is below it. */
function handleOfGroup(ground: Ground): string[] {
  const group = new Cgroup(layout, `${ground.core.cgroupRoot}/default`);
  const mount = layout.controllers.get('memory')?.mount ?? layout.unified;
  return ground.onHost('handle-of', `${mount}/${group.path}`).split(' ');
}

const ATTEMPTS: Attempt[] = [
  opening('its own memory limit', `a writable ${limit}`, `${memory}/${limit}`),
  opening('a move of processes between cgroups', 'a writable cgroup.procs', `${memory}/cgroup.procs`),
  opening('a program for when its cgroup becomes empty', 'notify_on_release, CVE-2022-0492', `${memory}/notify_on_release`, onV1),
  opening('its own list of devices', 'devices.allow', `${CGROUP_DIRECTORY}/devices/devices.allow`, onV1),
  opening('a freeze of itself, out of its supervisor’s hands', 'cgroup.freeze', `${unified}/cgroup.freeze`, inTree),
  opening(
    'triggers, each of which costs the host a kernel thread',
    'memory.pressure',
    `${memory}/memory.pressure`,
    isV2 ? null : 'v1 has no such file',
  ),
  opening('events of its cgroup, which cost the host memory', 'cgroup.event_control', `${memory}/cgroup.event_control`, onV1),
  {
    title: 'any file of its cgroups',
    after: 'a writable cgroup mount',
    attempt: () => ['open-any-for-writing', CGROUP_DIRECTORY],
    weakened: both,
  },
  {
    title: 'a cgroup of its own below',
    after: 'mkdir(2)',
    attempt: () => ['make-directory', `${memory}/child`],
    weakened: both,
  },
  {
    title: 'its own memory limit, by a remount',
    after: 'mount -o remount,rw,bind',
    attempt: () => ['remount-and-open', memory, `${memory}/${limit}`],
    weakened: together(capable('CAP_SYS_ADMIN'), hostsRoot),
  },
  {
    title: 'the cgroup of its group, by its handle',
    after: 'Shocker, open_by_handle_at(2)',
    attempt: (ground) => ['open-directory-by-handle', ...handleOfGroup(ground), memory],
    weakened: together(capable('CAP_DAC_READ_SEARCH'), hostsRoot),
  },
];

describeAttempts(ATTEMPTS);
