// @module-tag kernel

import { existsSync } from 'node:fs';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { capable, hostsRoot, together, unfiltered } from '../support/escape/weaken.ts';

const AF_ALG = '38';
const AF_VSOCK = '40';

const ATTEMPTS: Attempt[] = [
  {
    title: 'a program in the kernel',
    after: 'bpf(2), CVE-2020-8835, CVE-2021-3490',
    attempt: () => ['bpf'],
    weakened: together(capable('CAP_BPF'), hostsRoot),
  },
  {
    title: 'a hand on page faults, to win races in the kernel',
    after: 'userfaultfd(2)',
    attempt: () => ['userfaultfd'],
    weakened: unfiltered,
  },
  {
    title: 'syscalls that no filter sees',
    after: 'io_uring, CVE-2022-29582, CVE-2023-2598',
    attempt: () => ['io-uring'],
    weakened: unfiltered,
  },
  {
    title: 'keys, which have no namespace',
    after: 'add_key(2), CVE-2016-0728',
    attempt: () => ['add-key'],
    weakened: unfiltered,
  },
  {
    title: 'counters of the kernel',
    after: 'perf_event_open(2), CVE-2023-5717',
    attempt: () => ['perf-event'],
    // Debian's kernel asks for the latter too (perf_event_paranoid = 3).
    weakened: together(capable('CAP_PERFMON', 'CAP_SYS_ADMIN'), hostsRoot),
  },
  {
    title: "the kernel's log",
    after: 'dmesg, syslog(2)',
    attempt: () => ['read-log'],
    weakened: together(capable('CAP_SYSLOG'), hostsRoot),
  },
  {
    title: "a socket of the kernel's cryptography",
    after: 'AF_ALG, CVE-2026-31431',
    attempt: () => ['socket', AF_ALG],
    missing: 'EAFNOSUPPORT',
    weakened: unfiltered,
  },
  {
    title: 'a socket around the network namespace',
    after: 'AF_VSOCK',
    attempt: () => ['socket', AF_VSOCK],
    missing: 'EAFNOSUPPORT',
    weakened: unfiltered,
  },
  {
    title: 'the clock of the host',
    after: 'clock_adjtime(2)',
    attempt: () => ['set-clock'],
    weakened: together(capable('CAP_SYS_TIME'), hostsRoot),
  },
  {
    title: 'ports of the machine',
    after: 'ioperm(2)',
    attempt: () => ['use-ports'],
    missing: 'ENOSYS',
    weakened: together(capable('CAP_SYS_RAWIO'), hostsRoot),
  },
  {
    title: 'a module for the kernel',
    after: 'init_module(2)',
    absent: existsSync('/proc/modules') ? null : 'this kernel has no modules',
    attempt: () => ['load-module'],
    weakened: together(capable('CAP_SYS_MODULE'), hostsRoot),
  },
  {
    title: 'a restart of the machine',
    after: 'reboot(2)',
    attempt: () => ['restart'],
    weakened: capable('CAP_SYS_BOOT'),
  },
  {
    title: 'swap of its own',
    after: 'swapon(2)',
    attempt: () => ['add-swap'],
    weakened: together(unfiltered, capable('CAP_SYS_ADMIN'), hostsRoot),
  },
  {
    title: 'a place before all others on the cpu',
    after: 'nice(2)',
    attempt: () => ['hurry'],
    weakened: together(capable('CAP_SYS_NICE'), hostsRoot),
  },
];

describeAttempts(ATTEMPTS);
