import type { ContainerView, GroupView } from '@plimsoll/protocol';
import { ancestors } from './tree.ts';

/** `held`: by a group that it is in. */
export type GroupStateKind = 'active' | 'empty' | 'frozen' | 'held';

export function groupStateKind({ frozenAt, frozenBy }: GroupView, alive: number): GroupStateKind {
  if (frozenAt !== null) return 'frozen';
  if (frozenBy !== null) return 'held';
  return alive > 0 ? 'active' : 'empty';
}

export function groupStateLabel(group: GroupView, alive: number): string {
  const kind = groupStateKind(group, alive);
  return kind === 'held' ? `frozen by ${group.frozenBy}` : kind;
}

/** How many containers are in a group and in those inside it. */
export interface Members {
  /** With processes: running, frozen, stopping. */
  alive: number;
  all: number;
}

export const NO_MEMBERS: Members = { alive: 0, all: 0 };

export function countMembers(containers: readonly ContainerView[]): Map<string, Members> {
  const members = new Map<string, Members>();
  for (const { group, state } of containers) {
    for (const path of [...ancestors(group), group]) {
      const { alive, all } = members.get(path) ?? NO_MEMBERS;
      members.set(path, { alive: alive + ('pid' in state ? 1 : 0), all: all + 1 });
    }
  }
  return members;
}

/** A group, or one inside it. */
export function isInGroup(path: string, group: string): boolean {
  return path === group || path.startsWith(`${group}/`);
}
