// @module-tag kernel

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_CAPABILITIES,
  DEFAULT_SECCOMP_PROFILE,
  EventLoop,
  readProfile,
  seccompFilter,
  seccompHost,
  type ProcessExit,
  type SeccompFilter,
  type SeccompProfile,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLONE } from '../../packages/core/src/abi/clone.ts';
import { or } from '../../packages/core/src/abi/flags.ts';
import { PR } from '../../packages/core/src/abi/prctl.ts';
import type { SyscallName } from '../../packages/core/src/abi/syscall-numbers.ts';
import { Memory, strings, Words, type Argument, type Result } from '../../packages/core/src/program/argument.ts';
import { Label } from '../../packages/core/src/program/label.ts';
import { Program } from '../../packages/core/src/program/program.ts';
import { HeldProcess } from '../../packages/core/src/processes/process.ts';
import { loadFilter } from '../../packages/core/src/security/seccomp/load-filter.ts';
import { Zygote } from '../../packages/core/src/zygote/zygote.ts';

const { EPERM, ENOENT, ENOSYS, EINVAL, EXDEV } = constants.errno;
const { SIGSYS } = constants.signals;
const AF_UNIX = 1;
const AF_VSOCK = 40;
const SOCK_STREAM = 1;
const CLONE_ARGS_BYTES = 88;

/** Filters as the kernel carries them out: on children that have them loaded. */
class FilteredChildren implements AsyncDisposable {
  readonly #loop = new EventLoop();
  readonly #zygote = new Zygote(this.#loop);

  /** Runs what `fill` writes in a child of its own behind a filter; `results`: what the kernel answered to those steps. */
  async run(
    filter: SeccompFilter | null,
    fill: (program: Program) => Result[],
  ): Promise<{ exit: ProcessExit; results: number[] }> {
    const program = new Program();
    const [parent, failed] = [new Label(), new Label()];
    const pidfd = new Memory(new Uint8Array(4), '&pidfd');
    const flags = or(CLONE, 'CLONE_PARENT', 'CLONE_VFORK', 'CLONE_PIDFD', 'CLONE_CLEAR_SIGHAND');
    const args = new Words([flags, pidfd, 0, 0, 0, 0, 0, 0, 0, 0, 0], '');
    const clone = program.call('clone', 'clone3', [args, CLONE_ARGS_BYTES], { jump: parent });
    program.onError = failed;
    program.call('unblock signals', 'rt_sigprocmask', [2, new Memory(new Uint8Array(8), '[]'), 0, 8]);
    program.call('let no exec add privileges', 'prctl', [PR.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
    if (filter !== null) loadFilter(program, filter);
    const asked = fill(program);
    program.call('end', 'exit_group', [0]);
    program.place(failed);
    program.onError = undefined;
    program.call('end', 'exit_group', [99]);
    program.place(parent);

    const { loaded: played } = await this.#zygote.play(program);
    using loaded = played;
    const fd = new DataView(loaded.read(pidfd).slice().buffer).getInt32(0, true);
    const exit = await new HeldProcess(this.#loop, loaded.result(clone.step), fd).exited;
    return { exit, results: asked.map(({ step }) => loaded.result(step)) };
  }

  /** The same for single syscalls, whatever becomes of them. */
  async call(filter: SeccompFilter | null, ...calls: [SyscallName, ...Argument[]][]) {
    return await this.run(filter, (program) =>
      calls.map(([syscall, ...args]) => program.call(syscall, syscall, args, { tolerate: 'any' })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#zygote[Symbol.asyncDispose]();
    this.#loop[Symbol.dispose]();
  }
}

let children: FilteredChildren;
beforeAll(() => void (children = new FilteredChildren()));
afterAll(async () => await children[Symbol.asyncDispose]());

const filterOf = (profile: SeccompProfile) => seccompFilter(profile, seccompHost(DEFAULT_CAPABILITIES));
const defaults = filterOf(DEFAULT_SECCOMP_PROFILE);

describe('the default profile', () => {
  const newMounts = CLONE.CLONE_NEWNS;
  const calls: [SyscallName, ...Argument[]][] = [
    ['getpid'],
    ['unshare', newMounts],
    ['mount', 'none', '/nowhere', 'tmpfs', 0, 0],
    ['bpf', 0, 0, 0],
    ['clone3', 0, 0],
    ['socket', AF_UNIX, SOCK_STREAM, 0],
    ['socket', AF_VSOCK, SOCK_STREAM, 0],
    ['pidfd_open', 1, 0],
  ];

  test('refuses a process of root what it would be let do', async () => {
    const { exit, results } = await children.call(defaults, ...calls);
    expect(exit).toEqual({ code: 0, signal: null });
    const [pid, unshare, mount, bpf, clone3, unix, vsock, pidfd] = results;
    expect([unshare, mount, bpf, clone3, vsock]).toEqual([-EPERM, -EPERM, -EPERM, -ENOSYS, -EPERM]);
    for (const allowed of [pid, unix, pidfd]) expect(allowed).toBeGreaterThanOrEqual(0);
  });

  test('is what refuses it: without it the same calls come to the kernel', async () => {
    const { results } = await children.call(null, ...calls);
    const [, unshare, mount, bpf, clone3, , vsock] = results;
    expect([unshare, mount, bpf, clone3]).toEqual([0, -ENOENT, -EINVAL, -EINVAL]);
    expect(vsock).not.toBe(-EPERM);
  });

  test('lets a shell live, and shows in /proc', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plim-seccomp-'));
    try {
      const script = `exec >${directory}/out 2>&1; grep Seccomp: /proc/self/status; ls / | wc -l; (echo piped | tr a-z A-Z); unshare -m true; chroot / true`;
      const { exit } = await children.run(defaults, (program) => [
        program.call('run', 'execve', [
          '/bin/sh',
          strings(['/bin/sh', '-c', script]),
          strings(['PATH=/usr/sbin:/usr/bin:/sbin:/bin']),
        ]),
      ]);
      const output = readFileSync(join(directory, 'out'), 'utf8').split('\n');
      expect(output[0]).toMatch(/^Seccomp:\s+2$/);
      expect(output.slice(2)).toEqual(['PIPED', 'unshare: unshare failed: Operation not permitted', '']);
      expect(exit).toEqual({ code: 0, signal: null });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('an action', () => {
  const on = (action: string, more: object = {}): SeccompProfile =>
    readProfile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['getpid'], action, ...more }] });

  test.each(['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL', 'SCMP_ACT_TRAP'])('kills: %s', async (action) => {
    const { exit } = await children.call(filterOf(on(action)), ['getpid']);
    expect(exit).toEqual({ code: null, signal: SIGSYS });
  });

  test('answers with its errno, and with success where that is 0', async () => {
    const answer = async (errnoRet: number) =>
      (await children.call(filterOf(on('SCMP_ACT_ERRNO', { errnoRet })), ['getpid'])).results;
    expect(await answer(EXDEV)).toEqual([-EXDEV]);
    expect(await answer(4095)).toEqual([-4095]);
    expect(await answer(0)).toEqual([0]);
  });

  test('for a tracer is ENOSYS where there is none', async () => {
    expect(await children.call(filterOf(on('SCMP_ACT_TRACE')), ['getpid'])).toMatchObject({ results: [-ENOSYS] });
  });

  test('lets pass: ALLOW, LOG', async () => {
    for (const action of ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG']) {
      const profile = readProfile({
        defaultAction: 'SCMP_ACT_ERRNO',
        flags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
        syscalls: [{ names: ['getpid', 'exit_group'], action }],
      });
      const { exit, results } = await children.call(filterOf(profile), ['getpid'], ['umask', 0]);
      expect(exit).toEqual({ code: 0, signal: null });
      expect(results[0]).toBeGreaterThan(0);
      expect(results[1]).toBe(-EPERM);
    }
  });
});

test('arguments are compared as 64 bits, by the largest filter that the kernel takes', async () => {
  const args = (value: number | bigint) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }];
  const rules = Array.from({ length: 1000 }, (_, i) => ({ names: ['umask'], action: 'SCMP_ACT_ALLOW', args: args(2 ** 33 + i) }));
  const profile = readProfile({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [...rules, { names: ['exit_group', 'getpid'], action: 'SCMP_ACT_ALLOW' }],
  });
  const filter = filterOf(profile);
  expect(filter.instructions).toBeGreaterThan(4000);
  const { exit, results } = await children.call(
    filter,
    ['umask', 2 ** 33],
    ['umask', 2 ** 33 + 999],
    ['umask', 0],
    ['umask', 2 ** 33 + 1000],
  );
  expect(exit).toEqual({ code: 0, signal: null });
  expect(results.map((result) => result === -EPERM)).toEqual([false, false, true, true]);
});
