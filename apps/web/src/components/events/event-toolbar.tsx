'use client';

import type { EventSubject } from '@plimsoll/protocol';
import type { ReactNode } from 'react';
import { KIND_CHOICES, SUBJECTS } from '../../lib/event-texts.ts';
import type { EventRange, EventView } from '../../lib/event-view.ts';
import { FilterField } from '../filter-field.tsx';
import { SubjectName } from './subject-name.tsx';

const CONTROL =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-13 text-ink placeholder:text-ink-3 max-md:w-full';

const RANGES: readonly { value: EventRange; label: string }[] = [
  { value: 'all', label: 'At any time' },
  { value: '15m', label: 'Last 15 minutes' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: 'between', label: 'Between …' },
];

interface ToolbarProps {
  view: EventView;
  change: (change: Partial<EventView>) => void;
  /** Those who are among the events that are shown. */
  people: readonly string[];
}

/** What is shown: each field narrows it further. */
export function EventToolbar({ view, change, people }: ToolbarProps) {
  const whos = [...new Set(['root', 'session', ...people, view.who])].filter((who) => who !== '');
  return (
    <div role="search" aria-label="Filter events" className="grid grid-cols-2 gap-2 md:flex md:flex-wrap md:items-center">
      <span className="max-md:col-span-2 max-md:grid md:contents">
        <FilterField
          label="Text in events"
          placeholder="Text anywhere in it"
          query={view.text}
          change={(text) => change({ text })}
        />
      </span>
      <Choice label="Kind" value={view.kind} change={(kind) => change({ kind })}>
        <option value="">Every kind</option>
        {KIND_CHOICES.map(({ label, kinds }) => (
          <optgroup key={label} label={label}>
            {kinds.map((choice) => (
              <option key={choice.kind} value={choice.kind}>
                {choice.label}
              </option>
            ))}
          </optgroup>
        ))}
      </Choice>
      <Choice label="About" value={view.about} change={(about) => change({ about: about as EventSubject | '' })}>
        <option value="">About anything</option>
        {Object.entries(SUBJECTS).map(([subject, label]) => (
          <option key={subject} value={subject}>
            {label}
          </option>
        ))}
      </Choice>
      <SubjectName about={view.about} name={view.name} change={(name) => change({ name })} className={CONTROL} />
      <Choice label="Who" value={view.who} change={(who) => change({ who })}>
        <option value="">By anyone</option>
        {whos.map((who) => (
          <option key={who} value={who}>
            {who === 'session' ? 'any session' : who}
          </option>
        ))}
      </Choice>
      <Choice label="When" value={view.range} change={(range) => change({ range: range as EventRange })}>
        {RANGES.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Choice>
      {view.range === 'between' && (
        <>
          <Time label="From" value={view.from} change={(from) => change({ from })} />
          <Time label="Until" value={view.to} change={(to) => change({ to })} />
        </>
      )}
    </div>
  );
}

interface ControlProps {
  label: string;
  value: string;
  change: (value: string) => void;
}

function Choice({ label, value, change, children }: ControlProps & { children: ReactNode }) {
  return (
    <select aria-label={label} value={value} onChange={({ target }) => change(target.value)} className={`${CONTROL} md:max-w-48`}>
      {children}
    </select>
  );
}

function Time({ label, value, change }: ControlProps) {
  return (
    <label className="flex min-w-0 items-center gap-2 text-13 text-ink-2">
      <span className="max-md:sr-only">{label}</span>
      <input type="datetime-local" value={value} onChange={({ target }) => change(target.value)} className={CONTROL} />
    </label>
  );
}
