import { ancestorsOf, cgroupsOf, commandName } from '@plimsoll/core';

/** A process that no freeze and no kill of a foreign cgroup may reach. */
export interface Guard {
  pid: number;
  /** In a sentence: `the supervisor`. */
  is: string;
}

/** These, and the ancestors of each: whoever waits for a frozen process is held up too, and a session dies with its shell. */
export function withAncestors(guards: readonly Guard[]): Guard[] {
  const all = new Map<number, Guard>();
  for (const guard of guards) if (!all.has(guard.pid)) all.set(guard.pid, guard);
  for (const { pid, is } of guards) {
    for (const ancestor of ancestorsOf(pid) ?? []) {
      if (!all.has(ancestor)) all.set(ancestor, { pid: ancestor, is: `an ancestor of ${is}` });
    }
  }
  return [...all.values()];
}

/** What guards hold at this moment: a cgroup that one of them is in, or below which it is, in any hierarchy. */
export class GuardedCgroups {
  readonly #ownRoot: string;
  readonly #guards = new Map<string, Guard>();

  /** `ownRoot`: the name of this Plimsoll's cgroup root. */
  constructor(guards: readonly Guard[], ownRoot: string) {
    this.#ownRoot = ownRoot;
    for (const guard of guards) {
      for (const path of cgroupsOf(guard.pid)) {
        for (let at = path; at !== '' && !this.#guards.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
          this.#guards.set(at, guard);
        }
      }
    }
  }

  /** Why a cgroup is to be left alone: `it holds the supervisor (process 812)`. Null: nothing is against it. */
  reason(path: string): string | null {
    if (path === '') return 'it is the root, which holds the whole host';
    if (path.split('/')[0] === this.#ownRoot) return 'it belongs to this Plimsoll, which has containers and groups for it';
    const guard = this.#guards.get(path);
    return guard === undefined ? null : `it holds ${describe(guard)}`;
  }
}

/** The next step for who is refused. */
export function hintFor(path: string, ownRoot: string): string {
  if (path === '') return 'Choose a cgroup below it.';
  if (path.split('/')[0] === ownRoot) return 'Freeze, thaw or kill the container, or the group, that it is of.';
  return 'Choose a cgroup below it without that process, or move the process to another cgroup first.';
}

function describe({ pid, is }: Guard): string {
  return pid === 1 ? 'process 1' : `${is} (process ${pid}, ${commandName(pid) ?? 'which has just ended'})`;
}
