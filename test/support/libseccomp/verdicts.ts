import type { LinuxSeccomp, SeccompHost } from '@plimsoll/core';
import { SYSCALL_TABLE_X64 } from '../../../packages/core/src/abi/syscall-table-x64.ts';
import { seccompArchitecture } from '../../../packages/core/src/security/seccomp/architecture.ts';
import { compileProfile } from '../../../packages/core/src/security/seccomp/compile.ts';
import { playFilter, type Call } from '../../../packages/core/src/security/seccomp/play-filter.fixture.ts';

const NAMES = new Map([...SYSCALL_TABLE_X64].map(([name, number]) => [number, name]));

export function amd64(capabilities: readonly string[], kernel = { major: 6, minor: 18 }): SeccompHost {
  return { architecture: 'x64', capabilities, kernel };
}

export function compiled(profile: LinuxSeccomp): Uint8Array {
  return compileProfile(profile, seccompArchitecture('x64')).program;
}

/** The calls that two filters, or a filter and a rule, answer differently. */
export function differences(ours: Uint8Array, theirs: Uint8Array | ((call: Call) => number), calls: readonly Call[]) {
  const other = typeof theirs === 'function' ? theirs : (call: Call) => playFilter(theirs, call);
  return calls
    .map((call) => ({ name: NAMES.get(call.number), ...call, ours: playFilter(ours, call), theirs: other(call) }))
    .filter((answers) => answers.ours !== answers.theirs);
}
