'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { ChevronLeft } from 'lucide-react';
import Link from 'next/link';
import { actionsIn } from '../../lib/actions.ts';
import { joinCommandLine } from '../../lib/command-line.ts';
import { statePhrases } from '../../lib/state-in-words.ts';
import { ActionButton, usePending } from '../action-button.tsx';
import { ACTION_ICONS } from '../action-icons.ts';
import { GroupLink } from '../group-link.tsx';
import { StateGlyph } from '../state-glyph.tsx';
import { useActions } from '../use-actions.ts';
import { useNow } from '../use-now.ts';

export function ContainerHeader({ view, removed }: { view: ContainerView; removed: boolean }) {
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-3 px-4 pt-3 pb-4">
      <div className="min-w-0 flex-1 basis-80">
        <Link href="/containers" className="-ml-1 inline-flex items-center text-13 text-ink-2 hover:text-ink">
          <ChevronLeft aria-hidden size={16} /> Containers
        </Link>
        <div className="mt-0.5 flex flex-wrap items-center gap-x-3">
          <h1 className="text-20 font-semibold tracking-tight wrap-anywhere">{view.name}</h1>
          <StateGlyph state={view.state} />
          <span className="text-13 text-ink-2">
            in <GroupLink path={view.group} />
          </span>
        </div>
        <StateLine view={view} />
        <p className="mt-1 truncate font-mono text-12 text-ink-2" title={joinCommandLine(view.command)}>
          {joinCommandLine(view.command)}
        </p>
      </div>
      {!removed && <Actions view={view} />}
    </header>
  );
}

function StateLine({ view }: { view: ContainerView }) {
  const now = useNow();
  return (
    <p className={`mt-0.5 min-h-5 text-ink-2 ${view.state.status === 'exited' ? '' : 'tabular'}`} suppressHydrationWarning>
      {now !== null &&
        statePhrases(view.state, now).map((phrase) =>
          typeof phrase === 'string' ? phrase : <GroupLink key={phrase.group} path={phrase.group} />,
        )}
    </p>
  );
}

function Actions({ view }: { view: ContainerView }) {
  const act = useActions();
  const isPending = usePending();
  return (
    <div role="toolbar" aria-label="Actions" className="flex flex-wrap gap-2 md:pt-6">
      {actionsIn(view.state).map((action) => (
        <ActionButton
          key={action.name}
          label={action.label}
          icon={ACTION_ICONS[action.name]}
          danger={action.warning !== undefined}
          busy={isPending(view.id, action.name)}
          act={() => void act(action, [view])}
        />
      ))}
    </div>
  );
}
