'use client';

import type { GroupView } from '@plimsoll/protocol';
import { duration } from '@plimsoll/protocol/quantities';
import { ChevronLeft } from 'lucide-react';
import Link from 'next/link';
import { plural } from '../../lib/format.ts';
import { groupStateKind, groupStateLabel, type Members } from '../../lib/group-state.ts';
import { ancestors, lastPart, urlPath } from '../../lib/tree.ts';
import { ActionButton, usePending } from '../action-button.tsx';
import { ACTION_ICONS } from '../action-icons.ts';
import { GroupLink } from '../group-link.tsx';
import { Glyph } from '../state-glyph.tsx';
import { pendingGroup, useGroupActions } from '../use-group-actions.ts';
import { useNow } from '../use-now.ts';

interface HeaderProps {
  group: GroupView;
  members: Members;
  removed: boolean;
}

export function GroupHeader({ group, members, removed }: HeaderProps) {
  const { path, displayName } = group;
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-3 px-4 pt-3 pb-4">
      <div className="min-w-0 flex-1 basis-80">
        <Crumbs path={path} />
        <div className="mt-0.5 flex flex-wrap items-center gap-x-3">
          <h1 className="text-20 font-semibold tracking-tight wrap-anywhere">{displayName ?? path}</h1>
          <Glyph kind={groupStateKind(group, members.alive)} label={groupStateLabel(group, members.alive)} />
        </div>
        <StateLine group={group} members={members} />
        <p className="mt-1 truncate font-mono text-12 text-ink-2" title={group.cgroup}>
          {path}
        </p>
      </div>
      {!removed && <Actions group={group} alive={members.alive} />}
    </header>
  );
}

function Crumbs({ path }: { path: string }) {
  return (
    <nav aria-label="Where it is" className="flex flex-wrap items-center text-13 text-ink-2">
      <Link href="/groups" className="-ml-1 inline-flex items-center hover:text-ink">
        <ChevronLeft aria-hidden size={16} /> Groups
      </Link>
      {ancestors(path).map((ancestor) => (
        <span key={ancestor}>
          <span aria-hidden className="px-1.5 text-ink-3">
            /
          </span>
          <Link href={`/groups/${urlPath(ancestor)}`} className="hover:text-ink">
            {lastPart(ancestor)}
          </Link>
        </span>
      ))}
    </nav>
  );
}

function StateLine({ group: { frozenAt, frozenBy }, members: { alive, all } }: { group: GroupView; members: Members }) {
  const now = useNow();
  const since = frozenAt === null || now === null ? '' : ` for ${duration(now - Date.parse(frozenAt))}`;
  return (
    <p className="tabular mt-0.5 min-h-5 text-ink-2">
      {alive} of {plural(all, 'container')} running
      {frozenAt !== null && `; frozen${since}, with all that is in it and whatever joins it`}
      {frozenBy !== null && (
        <>
          ; held frozen by group <GroupLink path={frozenBy} />
        </>
      )}
      .
    </p>
  );
}

function Actions({ group: { path, frozenAt, frozenBy }, alive }: { group: GroupView; alive: number }) {
  const actions = useGroupActions();
  const isPending = usePending();
  const isFrozen = frozenAt !== null || frozenBy !== null;
  const name = isFrozen ? 'thaw' : 'freeze';
  return (
    <div role="toolbar" aria-label="Actions" className="flex flex-wrap gap-2 md:pt-6">
      <ActionButton
        label={isFrozen ? 'Thaw' : 'Freeze'}
        icon={ACTION_ICONS[name]}
        busy={isPending(pendingGroup(path), name)}
        act={() => void actions[name](path)}
      />
      <ActionButton
        danger
        label="Kill"
        icon={ACTION_ICONS.kill}
        busy={isPending(pendingGroup(path), 'kill')}
        disabled={alive === 0}
        title={alive === 0 ? 'Nothing runs in it' : undefined}
        act={() => void actions.kill(path)}
      />
      <ActionButton
        danger
        label="Remove"
        icon={ACTION_ICONS.remove}
        busy={isPending(pendingGroup(path), 'remove')}
        act={() => void actions.remove(path)}
      />
    </div>
  );
}
