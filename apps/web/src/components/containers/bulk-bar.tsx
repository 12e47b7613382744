'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useEffect } from 'react';
import { ACTIONS, takes } from '../../lib/actions.ts';
import { plural } from '../../lib/format.ts';
import { ACTION_ICONS } from '../action-icons.ts';
import { Button } from '../button.tsx';
import { useActions } from '../use-actions.ts';

/** Actions on all that is selected; each does what it can with those that are in a state for it. */
export function BulkBar({ selected, clear }: { selected: readonly ContainerView[]; clear: () => void }) {
  const act = useActions();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Escape belongs to a question before it belongs to what the question is about.
      if (event.key === 'Escape' && document.querySelector('[role=alertdialog]') === null) clear();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [clear]);
  return (
    <div
      role="toolbar"
      aria-label="Selected containers"
      className="flex flex-none flex-wrap items-center gap-2 border-t border-line bg-accent-soft px-4 py-2"
    >
      <span className="tabular mr-2 text-13 font-medium">{plural(selected.length, 'container')} selected</span>
      {ACTIONS.map((action) => {
        const ready = selected.filter(({ state }) => takes(action, state)).length;
        const Icon = ACTION_ICONS[action.name];
        return (
          <Button
            key={action.name}
            tone={action.warning === undefined ? 'plain' : 'danger'}
            disabled={ready === 0}
            title={ready === 0 ? 'None of them is in a state for this' : plural(ready, 'container')}
            onClick={() => void act(action, selected)}
          >
            <Icon aria-hidden size={15} />
            {action.label}
          </Button>
        );
      })}
      <span className="flex-1" />
      <Button tone="quiet" onClick={clear}>
        Clear
      </Button>
    </div>
  );
}
