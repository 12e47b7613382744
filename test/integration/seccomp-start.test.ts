// @module-tag kernel

import { constants } from 'node:os';
import { DEFAULT_SECCOMP_PROFILE, readProfile, StartError, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';
import { probeLayer, WITHOUT_PROBE } from '../support/probe/probe.ts';

const { SIGSYS } = constants.signals;

let core: Core;
beforeAll(async () => {
  core = await Core.make();
});
afterAll(async () => await core[Symbol.asyncDispose]());

/** All is allowed but these. */
const except = (action: string, ...names: string[]) =>
  readProfile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action }] });

const having = (seccomp: OciConfig['linux']['seccomp'], noNewPrivileges: boolean) => ({
  edit: ({ linux, process }: OciConfig) => {
    if (seccomp !== undefined) linux.seccomp = seccomp;
    process.noNewPrivileges = noNewPrivileges;
  },
});

const STATUS = `grep -E '^(NoNewPrivs|Seccomp):' /proc/1/status | tr -s '\\t\\n' ' '`;

describe.each([true, false])('a container with no_new_privs %s', (noNewPrivileges) => {
  const privileges = `NoNewPrivs: ${Number(noNewPrivileges)}`;

  test('is in no filter where its config has none', async () => {
    expect(await core.shell(STATUS, having(undefined, noNewPrivileges))).toBe(`${privileges} Seccomp: 0`);
  });

  test('is in the filter of the default profile', async () => {
    const script = `${STATUS}; unshare -m true 2>&1; :`;
    const told = await core.shell(script, having(DEFAULT_SECCOMP_PROFILE, noNewPrivileges));
    expect(told).toBe(`${privileges} Seccomp: 2 unshare: unshare failed: Operation not permitted`);
  });

  test('is killed by a syscall that its profile kills for', async () => {
    const profile = except('SCMP_ACT_KILL_PROCESS', 'mkdir', 'mkdirat');
    const { exit } = await core.run(['mkdir', '/made'], having(profile, noNewPrivileges));
    expect(exit).toEqual({ code: null, signal: SIGSYS });
  });

  // The start reads a clock after each step, and sets up keyrings and mounts, which a profile need not know.
  test.each(['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS'])(
    'starts where clocks, keyrings and mounts are refused: %s',
    async (action) => {
      const profile = except(
        action,
        'clock_gettime',
        'keyctl',
        'mount',
        'move_mount',
        'pivot_root',
        'seccomp',
        'setns',
        'umount2',
      );
      await expect(core.run(['/bin/sh', '-c', 'exit 7'], having(profile, noNewPrivileges))).resolves.toMatchObject({
        exit: { code: 7 },
      });
    },
  );

  test('does not start where its exec is refused, and the refusal is told', async () => {
    const error = await core
      .run(['true'], having(except('SCMP_ACT_ERRNO', 'execve'), noNewPrivileges))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect((error as Error).message).toContain('execve: EPERM');
  });
});

test('a filter without no_new_privs holds for what the start has still to do, and a refusal names the step', async () => {
  const start = core.run(['true'], having(except('SCMP_ACT_ERRNO', 'setresuid'), false));
  await expect(start).rejects.toThrow('set the user: setresuid: EPERM');
  await expect(core.run(['true'], having(except('SCMP_ACT_ERRNO', 'setresuid'), true))).resolves.toMatchObject({
    exit: { code: 0 },
  });
});

describe.skipIf(WITHOUT_PROBE !== null)(`a syscall by its number${WITHOUT_PROBE === null ? '' : ` (${WITHOUT_PROBE})`}`, () => {
  const answers = async (seccomp: OciConfig['linux']['seccomp'], ...numbers: number[]) => {
    const layers = [probeLayer(core.directory), ...core.baseLayers];
    const { stdout } = await core.run(['/probe', 'syscalls', ...numbers.map(String)], { layers, ...having(seccomp, true) });
    return stdout.trim().split('\n');
  };
  const OPEN_BY_HANDLE_AT = 304;
  const IO_URING_SETUP = 425;

  test('that is newer than the default profile is one that the kernel does not have', async () => {
    const newer = [467, 471, 500, 600, 1000, 2 ** 30 - 1];
    expect(await answers(DEFAULT_SECCOMP_PROFILE, ...newer)).toEqual(newer.map(() => 'ENOSYS'));
    expect(await answers(DEFAULT_SECCOMP_PROFILE, OPEN_BY_HANDLE_AT, IO_URING_SETUP)).toEqual(['EPERM', 'EPERM']);
  });

  test('that is newer than a profile of one’s own is one as well, though its default would kill', async () => {
    const allowing = DEFAULT_SECCOMP_PROFILE.syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW');
    const profile = readProfile({ defaultAction: 'SCMP_ACT_KILL_PROCESS', syscalls: allowing });
    expect(await answers(profile, 467, 600)).toEqual(['ENOSYS', 'ENOSYS']);
    const known = core.run(['/probe', 'syscalls', String(IO_URING_SETUP)], {
      layers: [probeLayer(core.directory), ...core.baseLayers],
      ...having(profile, true),
    });
    expect((await known).exit).toEqual({ code: null, signal: SIGSYS });
  });

  test('in the manner of x32 kills, whatever it is', async () => {
    const { exit } = await core.run(['/probe', 'syscalls', String(2 ** 30 + 600)], {
      layers: [probeLayer(core.directory), ...core.baseLayers],
      ...having(DEFAULT_SECCOMP_PROFILE, true),
    });
    expect(exit).toEqual({ code: null, signal: SIGSYS });
  });
});
