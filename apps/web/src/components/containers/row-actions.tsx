'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { LoaderCircle } from 'lucide-react';
import { ACTIONS, type Action } from '../../lib/actions.ts';
import { ACTION_ICONS } from '../action-icons.ts';
import { useChanges, useLive } from '../live-provider.tsx';
import { useActions } from '../use-actions.ts';

/** Each place keeps its meaning in every state: go on or hold, end gently, end for good. */
const PLACES: readonly (readonly Action['name'][])[] = [['start', 'freeze', 'thaw'], ['stop'], ['kill', 'remove']];

export function RowActions({ view }: { view: ContainerView }) {
  const live = useLive();
  const act = useActions();
  useChanges(live?.pending.notifier);
  return (
    <span className="flex gap-0.5">
      {PLACES.map((names) => {
        const action = ACTIONS.find(({ name, from }) => names.includes(name) && from.includes(view.state.status));
        if (action === undefined) return <span key={names[0]} className="size-7" />;
        const busy = live?.pending.has(view.id, action.name) ?? false;
        const Icon = busy ? LoaderCircle : ACTION_ICONS[action.name];
        return (
          <button
            key={names[0]}
            type="button"
            aria-label={action.label}
            title={action.label}
            aria-busy={busy}
            // Not `disabled`, which would take the focus away from under the keyboard.
            aria-disabled={busy}
            onClick={() => !busy && void act(action, [view])}
            className={`flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-ground aria-disabled:opacity-60 ${
              action.warning === undefined ? 'hover:text-accent' : 'hover:text-failed'
            }`}
          >
            <Icon aria-hidden size={16} className={busy ? 'motion-safe:animate-spin' : ''} />
          </button>
        );
      })}
    </span>
  );
}
