'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { actionsIn, type Action } from '../../lib/actions.ts';
import { ActionIconButton, usePending } from '../action-button.tsx';
import { ACTION_ICONS } from '../action-icons.ts';
import { useActions } from '../use-actions.ts';

/** Each place keeps its meaning in every state: go on or hold, end gently, end for good. */
const PLACES: readonly (readonly Action['name'][])[] = [['start', 'freeze', 'thaw'], ['stop'], ['kill', 'remove']];

export function RowActions({ view }: { view: ContainerView }) {
  const act = useActions();
  const isPending = usePending();
  const possible = actionsIn(view.state);
  return (
    <span className="flex gap-0.5">
      {PLACES.map((names) => {
        const action = possible.find(({ name }) => names.includes(name));
        if (action === undefined) return <span key={names[0]} className="size-7" />;
        return (
          <ActionIconButton
            key={names[0]}
            label={action.label}
            icon={ACTION_ICONS[action.name]}
            danger={action.warning !== undefined}
            busy={isPending(view.id, action.name)}
            act={() => void act(action, [view])}
          />
        );
      })}
    </span>
  );
}
