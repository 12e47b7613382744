import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinuxSeccomp, LinuxSyscall, SeccompArgument, SeccompOperator } from '@plimsoll/core';
import { SYSCALL_TABLE_X64 } from '../../../packages/core/src/abi/syscall-table-x64.ts';
import { verdict } from '../../../packages/core/src/security/seccomp/verdict.ts';

/** Why libseccomp cannot be asked here; null: it can. */
export const WITHOUT_LIBSECCOMP = !existsSync('/usr/include/seccomp.h')
  ? 'there is no libseccomp-dev'
  : spawnSync('cc', ['--version']).status === 0
    ? null
    : 'there is no C compiler';

/** enum scmp_compare, seccomp.h. */
const OPERATORS: Record<SeccompOperator, number> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

/** libseccomp, by a small program that is compiled for it. */
export class Libseccomp implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'plim-libseccomp-'));
  readonly #compiler = join(this.#directory, 'compile');

  constructor() {
    execFileSync('cc', ['-O1', '-Wall', '-o', this.#compiler, join(import.meta.dirname, 'compile.c'), '-lseccomp']);
  }

  /** Each profile's filter, given to the library as runc and crun do; and what it had to say. */
  compile(profiles: readonly LinuxSeccomp[]): { programs: Uint8Array[]; said: string[] } {
    const path = (i: number) => join(this.#directory, `${i}.bpf`);
    const input = profiles.map((profile, i) => [...orders(profile), `write ${path(i)}`].join('\n')).join('\n');
    const output = execFileSync(this.#compiler, { input, encoding: 'utf8' });
    const programs = profiles.map((_, i) => new Uint8Array(readFileSync(path(i))));
    return { programs, said: output.split('\n').filter((line) => line !== '') };
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}

function orders({ defaultAction, defaultErrnoRet, syscalls }: LinuxSeccomp): string[] {
  const otherwise = verdict(defaultAction, defaultErrnoRet);
  const differing = syscalls.filter(({ action, errnoRet }) => verdict(action, errnoRet) !== otherwise);
  return [`filter ${otherwise.toString(16)}`, ...differing.flatMap(ruleOrders)];
}

function ruleOrders({ names, action, errnoRet, args = [] }: LinuxSyscall): string[] {
  const repeated = args.some(({ index }, i) => args.findIndex((other) => other.index === index) !== i);
  const sets = repeated ? args.map((one) => [one]) : [args];
  return names
    .filter((name) => SYSCALL_TABLE_X64.has(name))
    .flatMap((name) =>
      sets.map((set) => {
        const head = `rule ${verdict(action, errnoRet).toString(16)} ${name} ${SYSCALL_TABLE_X64.get(name)} ${set.length}`;
        return [head, ...set.map(argumentOrder)].join(' ');
      }),
    );
}

function argumentOrder({ index, op, value, valueTwo = 0 }: SeccompArgument): string {
  return `${index} ${OPERATORS[op]} ${value} ${valueTwo}`;
}
