// @module-tag kernel

import { existsSync, readFileSync } from 'node:fs';
import { DEFAULT_MASKED_PATHS } from '@plimsoll/core';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { capable, hostsRoot, together, unmasked, type Weakening } from '../support/escape/weaken.ts';

const missing = (path: string) => (existsSync(path) ? null : `this kernel has no ${path}`);

/** What the host's kernel runs, or looks at, for whoever writes it. */
const SYSFS_FILES = ['/sys/kernel/uevent_helper', '/sys/kernel/mm/transparent_hugepage/khugepaged/defrag'];
const sysfsFile = SYSFS_FILES.find((path) => existsSync(path)) ?? null;

const masked = DEFAULT_MASKED_PATHS.find((path) => existsSync(path) && hasContent(path)) ?? null;

function hasContent(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').length > 0;
  } catch {
    return false;
  }
}

const writableSysfs: Weakening = {
  what: 'with a writable /sys',
  edit({ mounts }) {
    for (const mount of mounts) if (mount.type === 'sysfs') mount.options = mount.options.filter((option) => option !== 'ro');
  },
};

const ATTEMPTS: Attempt[] = [
  {
    title: 'the program that the kernel runs for a core dump',
    after: 'core_pattern',
    attempt: () => ['rewrite', '/proc/sys/kernel/core_pattern'],
    weakened: together(unmasked, hostsRoot),
  },
  {
    title: 'which cpus serve interrupts',
    after: '/proc/irq',
    absent: missing('/proc/irq/default_smp_affinity'),
    attempt: () => ['rewrite', '/proc/irq/default_smp_affinity'],
    weakened: together(unmasked, hostsRoot),
  },
  {
    title: 'an order to the kernel by SysRq',
    after: '/proc/sysrq-trigger',
    absent: missing('/proc/sysrq-trigger'),
    attempt: () => ['open-for-writing', '/proc/sysrq-trigger'],
    weakened: together(unmasked, hostsRoot),
  },
  {
    title: 'the program that the kernel runs for a device, or another file of /sys',
    after: 'uevent_helper',
    absent: sysfsFile === null ? 'this kernel has no such file' : null,
    attempt: () => ['rewrite', sysfsFile ?? ''],
    weakened: together(writableSysfs, hostsRoot),
  },
  ...['/proc', '/sys'].map((directory): Attempt => ({
    title: `any file of ${directory}, but for its own processes'`,
    after: 'an incomplete list of read-only paths',
    attempt: () => ['open-any-for-writing', directory],
    weakened: directory === '/proc' ? unmasked : writableSysfs,
  })),
  {
    title: 'what lets a container poll the pressure of the whole host',
    after: '/proc/pressure',
    absent: missing('/proc/pressure/cpu'),
    attempt: () => ['open-for-writing', '/proc/pressure/cpu'],
    weakened: unmasked,
  },
  {
    title: 'what /proc tells of the whole host',
    after: 'masked paths',
    absent: masked === null ? 'nothing is masked that has any content' : null,
    attempt: () => ['read-any', masked ?? ''],
    weakened: unmasked,
  },
  {
    title: "the addresses of the kernel's code",
    after: '/proc/kallsyms',
    absent: missing('/proc/kallsyms'),
    attempt: () => ['kernel-addresses'],
    weakened: together(capable('CAP_SYSLOG'), hostsRoot),
  },
  {
    title: "a file of the host by its handle, on the file system of the container's own output",
    after: 'Shocker, open_by_handle_at(2)',
    attempt: (ground) => ['open-by-handle', ...ground.onHost('handle-of', ground.secret.path).split(' '), ground.secret.text],
    weakened: together(capable('CAP_DAC_READ_SEARCH'), hostsRoot),
  },
];

describeAttempts(ATTEMPTS);
