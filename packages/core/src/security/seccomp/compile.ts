import { CLASSIC, SOCK_FILTER_BYTES } from '../../abi/bpf-classic.ts';
import { SECCOMP_DATA, SECCOMP_FILTER_FLAG, SECCOMP_RET, SKIPPED_SYSCALL, X32_SYSCALL_BIT } from '../../abi/seccomp.ts';
import { InvalidConfig } from '../../oci/check.ts';
import type { SeccompArchitecture } from './architecture.ts';
import { Assembler, ProgramTooLong, type Place } from './assembler.ts';
import { checkArgument } from './check-arguments.ts';
import type { LinuxSeccomp } from './profile.ts';
import { rulesOf, type Decision, type Rules } from './rules.ts';

/** What seccomp(2) is given. */
export interface SeccompFilter {
  /** struct sock_filter[] */
  readonly program: Uint8Array;
  readonly instructions: number;
  /** SECCOMP_FILTER_FLAG_* */
  readonly flags: number;
}

/** Syscalls from `first` up to the next range's, of the same decision. */
interface Range {
  readonly first: number;
  readonly decision: Decision;
}

/**
 * A profile as a filter for one architecture. Calls in the manner of another one (i386, x32) kill the process, also where
 * the profile names it: there socketcall and ipc hide arguments behind a pointer, past which no filter sees.
 */
export function compileProfile(profile: LinuxSeccomp, architecture: SeccompArchitecture): SeccompFilter {
  const rules = rulesOf(profile, architecture.numbers);
  const flags = (profile.flags ?? []) as (keyof typeof SECCOMP_FILTER_FLAG)[];
  try {
    const program = assemble(rules, architecture.audit);
    const instructions = program.length / SOCK_FILTER_BYTES;
    return { program, instructions, flags: flags.reduce((bits, name) => bits | SECCOMP_FILTER_FLAG[name], 0) };
  } catch (error) {
    if (error instanceof ProgramTooLong) throw new InvalidConfig('linux.seccomp', error.message);
    throw error;
  }
}

/** Written from the end: each part is given the places of those that it goes on to. */
function assemble(rules: Rules, audit: number): Uint8Array {
  const { otherwise } = rules;
  const to = new Assembler();
  const known = search(to, ranges(rules), otherwise);
  const skipped = to.branch(CLASSIC.JEQ, SKIPPED_SYSCALL, to.answer(otherwise), to.answer(SECCOMP_RET.KILL_PROCESS));
  to.branch(CLASSIC.JGE, X32_SYSCALL_BIT, skipped, known);
  const byNumber = to.step(CLASSIC.LD_W_ABS, SECCOMP_DATA.number);
  to.branch(CLASSIC.JEQ, audit, byNumber, to.answer(SECCOMP_RET.KILL_PROCESS));
  to.step(CLASSIC.LD_W_ABS, SECCOMP_DATA.architecture);
  return to.program();
}

/** From 0 on without gaps. Neighbours of one verdict are one range; one with rules is alone. */
function ranges({ otherwise, decisions, newer }: Rules): Range[] {
  const all: Range[] = [];
  const add = (first: number, decision: Decision) => {
    if (all.at(-1)?.first === first) all.pop();
    if (all.at(-1)?.decision !== decision) all.push({ first, decision });
  };
  add(0, otherwise);
  for (const [number, decision] of [...decisions].toSorted(([a], [b]) => a - b)) {
    add(number, decision);
    add(number + 1, otherwise);
  }
  if (newer !== null) add(newer.first, newer.verdict);
  return all;
}

/** By halves: some nine comparisons for any syscall. */
function search(to: Assembler, all: readonly Range[], otherwise: number): Place {
  const [only] = all;
  if (all.length === 1 && only !== undefined) return decide(to, only.decision, otherwise);
  const middle = Math.ceil(all.length / 2);
  const upper = search(to, all.slice(middle), otherwise);
  const lower = search(to, all.slice(0, middle), otherwise);
  return to.branch(CLASSIC.JGE, all[middle]?.first ?? 0, upper, lower);
}

function decide(to: Assembler, decision: Decision, otherwise: number): Place {
  if (typeof decision === 'number') return to.answer(decision);
  return decision.reduceRight<Place>((next, { comparisons, verdict }) => {
    const holds = to.answer(verdict);
    return comparisons.reduceRight((place, asked) => checkArgument(to, asked, place, next), holds);
  }, to.answer(otherwise));
}
