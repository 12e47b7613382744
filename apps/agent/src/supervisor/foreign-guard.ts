import { readlinkSync } from 'node:fs';
import { childrenOf, isKernelThread, processesBelow } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { GuardedCgroups, hintFor, withAncestors, type Guard } from '../guards.ts';

export type ForeignVerb = 'freeze' | 'thaw' | 'kill';

/** What one command must leave alone. */
export class ForeignGuard {
  readonly #path: string;
  readonly #doing: ForeignVerb;
  readonly #others: readonly number[];
  readonly #ownRoot: string;

  /** `others`: what needs guarding beside process 1, this supervisor and their ancestors. `ownRoot`: this Plimsoll's cgroup root. */
  constructor(doing: ForeignVerb, path: string, others: readonly number[], ownRoot: string) {
    this.#doing = doing;
    this.#path = path;
    this.#others = others;
    this.#ownRoot = ownRoot;
  }

  /** Throws `forbidden` where the cgroup is this Plimsoll's own, or holds what is guarded, at this moment. */
  requireUnguarded(): void {
    const guards = withAncestors([
      { pid: 1, is: 'process 1' },
      { pid: process.pid, is: 'the supervisor' },
      ...zygotes().map((pid): Guard => ({ pid, is: 'a zygote of the supervisor' })),
      ...this.#others.map((pid): Guard => ({ pid, is: 'a process that Plimsoll, or who asks for this, needs' })),
    ]);
    const reason = new GuardedCgroups(guards, this.#ownRoot).reason(this.#path);
    if (reason !== null) throw this.#refusal(reason, hintFor(this.#path, this.#ownRoot));
  }

  /** The same for the hierarchy mounted there, in which it acts; and where what it acts on cannot be seen, or cannot be had. */
  requireUnguardedIn(mount: string): void {
    this.requireUnguarded();
    const members = processesBelow(mount, this.#path);
    if (members.includes(0)) {
      const reason = 'it holds processes of another pid namespace, so it cannot be told which they are';
      throw this.#refusal(reason, "Run Plimsoll in the host's own pid namespace.");
    }
    const thread = this.#doing === 'thaw' ? undefined : members.find(isKernelThread);
    if (thread === undefined) return;
    const reason = `it holds kernel threads (${thread} is one), which can be neither frozen nor killed`;
    throw this.#refusal(reason, 'Choose a cgroup below it without them.');
  }

  #refusal(reason: string, hint: string): PlimsollError {
    return new PlimsollError('forbidden', `cannot ${this.#doing} cgroup "${this.#path}": ${reason}`, { hint });
  }
}

/** Children in this pid namespace: a container's first process has one of its own. */
function zygotes(): number[] {
  const own = pidNamespace('self');
  return childrenOf(process.pid).filter((pid) => pidNamespace(pid) === own);
}

function pidNamespace(pid: number | 'self'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}
