'use client';

import type { GroupView } from '@plimsoll/protocol';
import { SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { urlPath } from '../../lib/tree.ts';
import { ActionIconButton, usePending } from '../action-button.tsx';
import { ACTION_ICONS } from '../action-icons.ts';
import { pendingGroup, useGroupActions } from '../use-group-actions.ts';

interface ActionsProps {
  group: GroupView;
  /** Containers in it that have processes. */
  alive: number;
  tabIndex: 0 | -1;
}

export function GroupRowActions({ group: { path, frozenAt, frozenBy }, alive, tabIndex }: ActionsProps) {
  const actions = useGroupActions();
  const isPending = usePending();
  const isFrozen = frozenAt !== null || frozenBy !== null;
  const name = isFrozen ? 'thaw' : 'freeze';
  const shared = { tabIndex };
  return (
    <span className="flex gap-0.5">
      <ActionIconButton
        {...shared}
        label={isFrozen ? `Thaw group ${path}` : `Freeze group ${path}`}
        icon={ACTION_ICONS[name]}
        busy={isPending(pendingGroup(path), name)}
        act={() => void actions[name](path)}
      />
      <ActionIconButton
        {...shared}
        danger
        label={`Kill group ${path}`}
        icon={ACTION_ICONS.kill}
        busy={isPending(pendingGroup(path), 'kill')}
        disabled={alive === 0}
        title={alive === 0 ? 'Nothing runs in it' : undefined}
        act={() => void actions.kill(path)}
      />
      <Link
        href={`/groups/${urlPath(path)}?tab=limits`}
        prefetch={false}
        tabIndex={tabIndex}
        aria-label={`Name and limits of group ${path}`}
        title="Name and limits"
        className="flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-ground hover:text-accent"
      >
        <SlidersHorizontal aria-hidden size={16} />
      </Link>
      <ActionIconButton
        {...shared}
        danger
        label={`Remove group ${path}`}
        icon={ACTION_ICONS.remove}
        busy={isPending(pendingGroup(path), 'remove')}
        act={() => void actions.remove(path)}
      />
    </span>
  );
}
