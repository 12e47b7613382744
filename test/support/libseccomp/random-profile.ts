import type { LinuxSeccomp, LinuxSyscall, SeccompOperator, SeccompValue } from '@plimsoll/core';
import { SYSCALL_TABLE_X64 } from '../../../packages/core/src/abi/syscall-table-x64.ts';
import { SECCOMP_ACTIONS, SECCOMP_OPERATORS } from '../../../packages/core/src/security/seccomp/profile.ts';

/** What the rules on arguments may be. */
export interface Shape {
  operators?: readonly SeccompOperator[];
  values?: readonly SeccompValue[];
  /** For one syscall. */
  rules: number;
  /** In one rule, each of another one. */
  arguments: number;
  /** How many of the six are asked about. */
  indexes: number;
  /** Of one syscall. */
  actions: 'one' | 'different';
}

const SMALL = [0, 1, 2, 5, 8, 12, 40, 0xffff, 0x7fff_ffff];
export const SMALL_VALUES: readonly SeccompValue[] = SMALL;
const VALUES: readonly SeccompValue[] = [
  ...SMALL,
  ...[2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 5n, 5n << 32n, 2n ** 63n, 2n ** 64n - 1n],
];

const NAMES = [...SYSCALL_TABLE_X64.keys()];
const SYSCALLS_WITH_RULES = 15;

export function randomProfile(random: () => number, shape: Shape): LinuxSeccomp {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const action = (): Pick<LinuxSyscall, 'action' | 'errnoRet'> => {
    const one = pick(SECCOMP_ACTIONS);
    return one === 'SCMP_ACT_ERRNO' || one === 'SCMP_ACT_TRACE'
      ? { action: one, errnoRet: pick([0, 1, 13, 133]) }
      : { action: one };
  };
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const shuffled = NAMES.map((name) => ({ name, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name }) => name);

  const withRules = shuffled.splice(0, SYSCALLS_WITH_RULES).flatMap((name) => {
    const same = action();
    const seen = new Set<string>();
    return Array.from({ length: upTo(shape.rules) }, (): LinuxSyscall => {
      const indexes = new Set(Array.from({ length: upTo(shape.arguments) }, () => Math.floor(random() * shape.indexes)));
      const args = [...indexes].map((index) => {
        const op = pick(shape.operators ?? SECCOMP_OPERATORS);
        const [value, valueTwo] = [pick(shape.values ?? VALUES), pick(shape.values ?? VALUES)];
        return { index, op, value, ...(op === 'SCMP_CMP_MASKED_EQ' && { valueTwo }) };
      });
      return { names: [name], ...(shape.actions === 'one' ? same : action()), args };
    }).filter(({ args = [] }) => {
      // The same question twice, answered differently, is refused.
      const question = args.map(({ index, op, value }) => `${index} ${op} ${value}`).join();
      return !seen.has(question) && seen.add(question);
    });
  });
  const plain = Array.from({ length: 8 }, () => ({ names: shuffled.splice(0, upTo(30)), ...action() }));
  const { action: defaultAction, errnoRet } = action();
  return { defaultAction, ...(errnoRet !== undefined && { defaultErrnoRet: errnoRet }), syscalls: [...plain, ...withRules] };
}
