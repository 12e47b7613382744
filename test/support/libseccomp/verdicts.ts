import { constants } from 'node:os';
import type { LinuxSeccomp, SeccompHost } from '@plimsoll/core';
import { AUDIT_ARCH, X32_SYSCALL_BIT } from '../../../packages/core/src/abi/seccomp.ts';
import { SYSCALL_TABLE_X64 } from '../../../packages/core/src/abi/syscall-table-x64.ts';
import { seccompArchitecture } from '../../../packages/core/src/security/seccomp/architecture.ts';
import { compileProfile } from '../../../packages/core/src/security/seccomp/compile.ts';
import { verdict } from '../../../packages/core/src/security/seccomp/verdict.ts';
import { playFilter, type Call } from '../../../packages/core/src/security/seccomp/play-filter.fixture.ts';

const NAMES = new Map([...SYSCALL_TABLE_X64].map(([name, number]) => [number, name]));

export function amd64(capabilities: readonly string[], kernel = { major: 6, minor: 18 }): SeccompHost {
  return { architecture: 'x64', capabilities, kernel };
}

export function compiled(profile: LinuxSeccomp): Uint8Array {
  return compileProfile(profile, seccompArchitecture('x64')).program;
}

/** The highest number of a syscall that a profile names; -1: it names none of this architecture. */
export function highestNamed({ syscalls }: LinuxSeccomp): number {
  return Math.max(-1, ...syscalls.flatMap(({ names }) => names).map((name) => SYSCALL_TABLE_X64.get(name) ?? -1));
}

/** A filter behind the stub that runc puts before libseccomp's: ENOSYS for what is above the highest that the profile names. */
export function behindStub(profile: LinuxSeccomp, otherwise: (call: Call) => number): (call: Call) => number {
  const highest = highestNamed(profile);
  const isPermissive = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(profile.defaultAction);
  const enosys = verdict('SCMP_ACT_ERRNO', constants.errno.ENOSYS);
  return (call) => {
    const { number, architecture = AUDIT_ARCH.x64 } = call;
    const isNewer = architecture === AUDIT_ARCH.x64 && number > highest && number < X32_SYSCALL_BIT;
    return isNewer && !isPermissive && highest >= 0 ? enosys : otherwise(call);
  };
}

/** The calls that two filters, or a filter and a rule, answer differently. */
export function differences(ours: Uint8Array, theirs: Uint8Array | ((call: Call) => number), calls: readonly Call[]) {
  const other = typeof theirs === 'function' ? theirs : (call: Call) => playFilter(theirs, call);
  return calls
    .map((call) => ({ name: NAMES.get(call.number), ...call, ours: playFilter(ours, call), theirs: other(call) }))
    .filter((answers) => answers.ours !== answers.theirs);
}
