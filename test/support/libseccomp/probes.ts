import type { LinuxSeccomp, SeccompArgument } from '@plimsoll/core';
import { AUDIT_ARCH, SKIPPED_SYSCALL, X32_SYSCALL_BIT } from '../../../packages/core/src/abi/seccomp.ts';
import { SYSCALL_TABLE_X64 } from '../../../packages/core/src/abi/syscall-table-x64.ts';
import type { Call } from '../../../packages/core/src/security/seccomp/play-filter.fixture.ts';

const MAX_U64 = 2n ** 64n - 1n;
/** Beyond the last syscall there is. */
const LAST_NUMBER = 600;
/** Where all combinations of a syscall's arguments would be more: as many of them by chance. */
const MOST_COMBINATIONS = 200;

/** Each number of this architecture, as x32's and as two others', and whatever a rule could answer differently on. */
export function probes(profiles: readonly LinuxSeccomp[], random: () => number): Call[] {
  const numbers = Array.from({ length: LAST_NUMBER + 1 }, (_, number) => number);
  return [
    ...numbers.flatMap((number) => [
      { number },
      { number: number + X32_SYSCALL_BIT },
      { number, architecture: AUDIT_ARCH.ia32 },
      { number, architecture: AUDIT_ARCH.arm64 },
    ]),
    ...[SKIPPED_SYSCALL, SKIPPED_SYSCALL - 1, X32_SYSCALL_BIT - 1, 2 ** 31].map((number) => ({ number })),
    ...argumentProbes(profiles, random),
  ];
}

/** For each syscall with rules on arguments: values around what they compare with, in combination. */
export function argumentProbes(profiles: readonly LinuxSeccomp[], random: () => number): Call[] {
  return [...comparisons(profiles)].flatMap(([name, args]) => {
    const number = SYSCALL_TABLE_X64.get(name);
    if (number === undefined) return [];
    const values = [0, 1, 2, 3, 4, 5].map((index) => [...valuesFor(args.filter((one) => one.index === index))]);
    const combinations = values.reduce((product, { length }) => product * length, 1);
    return Array.from({ length: Math.min(combinations, MOST_COMBINATIONS) }, (_, i) => {
      let rest = combinations <= MOST_COMBINATIONS ? i : Math.floor(random() * combinations);
      const chosen = values.map((some) => {
        const value = some[rest % some.length] ?? 0n;
        rest = Math.floor(rest / some.length);
        return value;
      });
      return { number, arguments: chosen };
    });
  });
}

function comparisons(profiles: readonly LinuxSeccomp[]): Map<string, SeccompArgument[]> {
  const byName = new Map<string, SeccompArgument[]>();
  for (const { names, args = [] } of profiles.flatMap(({ syscalls }) => syscalls)) {
    if (args.length > 0) for (const name of names) byName.set(name, [...(byName.get(name) ?? []), ...args]);
  }
  return byName;
}

function valuesFor(args: readonly SeccompArgument[]): Set<bigint> {
  const ends = args.length === 0 ? [0n] : [0n, MAX_U64];
  return new Set([...ends, ...args.flatMap(near)].map((value) => BigInt.asUintN(64, value)));
}

/** Its neighbours, the same with other high bits, and for a mask each bit of it and all bits that are not of it. */
function near({ op, value, valueTwo = 0 }: SeccompArgument): bigint[] {
  const mask = BigInt(value);
  if (op !== 'SCMP_CMP_MASKED_EQ') return [0n, 1n, -1n, 1n << 32n, -1n << 32n, 1n << 63n].map((by) => mask + by);
  const wanted = BigInt(valueTwo);
  const bits = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => (mask & bit) !== 0n);
  return [wanted, wanted & mask, (wanted & mask) | ~mask, ...bits.map((bit) => (wanted & mask) ^ bit)];
}
