import { ERRNO } from '../../abi/errno.ts';
import { InvalidConfig } from '../../oci/check.ts';
import { compareRules, comparison, type Comparison } from './comparison.ts';
import type { LinuxSeccomp, LinuxSyscall, SeccompAction, SeccompArgument } from './profile.ts';
import { verdict } from './verdict.ts';

/** Answers `verdict` where all comparisons hold. */
interface Rule {
  readonly comparisons: readonly Comparison[];
  readonly verdict: number;
}

/** What becomes of one syscall: always the same, or what the first rule that matches says, or else the default. */
export type Decision = number | readonly Rule[];

export interface Rules {
  readonly otherwise: number;
  /** By syscall number; absent: the default. */
  readonly decisions: ReadonlyMap<number, Decision>;
  /** Every number from `first` on: newer than the profile. Null: the default holds there as well. */
  readonly newer: { readonly first: number; readonly verdict: number } | null;
}

/** A profile by syscall numbers. Names that the table does not have are passed over, as every runtime does. */
export function rulesOf(profile: LinuxSeccomp, numbers: ReadonlyMap<string, number>): Rules {
  const otherwise = verdict(profile.defaultAction, profile.defaultErrnoRet);
  const byNumber = new Map<number, { name: string; rules: Rule[] }>();
  for (const syscall of profile.syscalls) {
    // A rule that says what the default says is as if it were not there (runc, crun): it overrules no other.
    if (verdict(syscall.action, syscall.errnoRet) === otherwise) continue;
    const rules = alternatives(syscall);
    for (const name of syscall.names) {
      const number = numbers.get(name);
      if (number === undefined) continue;
      const known = byNumber.get(number);
      if (known === undefined) byNumber.set(number, { name, rules: [...rules] });
      else known.rules.push(...rules);
    }
  }
  const decisions = new Map([...byNumber].map(([number, { name, rules }]) => [number, decide(name, rules)]));
  return { otherwise, decisions, newer: newerThan(profile, numbers) };
}

/** Default actions under which a new syscall works, or under which a tracer answers it. */
const PERMISSIVE: readonly SeccompAction[] = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'];

/**
 * A syscall above the highest that the profile names was not known when the profile was written, so no decision was made
 * about it. A libc falls back to an older syscall after ENOSYS alone, not after EPERM or a signal. runc does the same
 * (libcontainer/seccomp/patchbpf); it counts the rules that say what the default says.
 */
function newerThan({ defaultAction, syscalls }: LinuxSeccomp, numbers: ReadonlyMap<string, number>): Rules['newer'] {
  if (PERMISSIVE.includes(defaultAction)) return null;
  const named = syscalls.flatMap(({ names }) => names).map((name) => numbers.get(name) ?? -1);
  const highest = named.reduce((most, number) => Math.max(most, number), -1);
  return highest < 0 ? null : { first: highest + 1, verdict: verdict('SCMP_ACT_ERRNO', ERRNO.ENOSYS) };
}

function alternatives({ action, errnoRet, args = [] }: LinuxSyscall): Rule[] {
  const repeated = new Set(args.map(({ index }) => index)).size < args.length;
  const sets: (readonly SeccompArgument[])[] = repeated ? args.map((one) => [one]) : [args];
  return sets.map((set) => ({
    comparisons: set
      .map(comparison)
      .filter((one) => one !== null)
      .toSorted((a, b) => a.argument - b.argument),
    verdict: verdict(action, errnoRet),
  }));
}

function decide(name: string, rules: readonly Rule[]): Decision {
  const sorted = rules.toSorted((a, b) => compareRules(a.comparisons, b.comparisons));
  const [first] = sorted;
  // One without arguments comes first; of several such, the first in the profile is heard.
  if (first?.comparisons.length === 0) return first.verdict;
  const seen = new Map<string, number>();
  return sorted.filter(({ comparisons, verdict: answer }) => {
    const key = JSON.stringify(comparisons);
    const other = seen.get(key);
    if (other !== undefined && other !== answer) {
      throw new InvalidConfig(
        'linux.seccomp.syscalls',
        `has two rules for ${name} with the same arguments and different actions`,
      );
    }
    seen.set(key, answer);
    return other === undefined;
  });
}
