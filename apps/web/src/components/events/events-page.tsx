'use client';

import type { EventPage, LoggedEvent } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { isFiltered, readEventView, writeEventView } from '../../lib/event-view.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useConnectionState } from '../live-provider.tsx';
import { useUrlView } from '../use-url-view.ts';
import { EventTable } from './event-table.tsx';
import { EventToolbar } from './event-toolbar.tsx';
import { ExportEvents } from './export-events.tsx';
import { useEventFeed } from './use-event-feed.ts';
import { useScrolledDown } from './use-scrolled-down.ts';

const NONE: readonly LoggedEvent[] = [];

/** What happened, and who did what: the newest on top, as it comes. `initial`: null where only the browser can ask. */
export function EventsPage({ initial }: { initial: EventPage | null }) {
  const [view, change] = useUrlView(readEventView, writeEventView);
  const feed = useEventFeed(view, initial);
  const [open, setOpen] = useState<number | null>(null);
  const [isDown, toTop] = useScrolledDown();
  const isHolding = isDown || open !== null;
  useEffect(() => feed?.hold(isHolding), [feed, isHolding]);
  const offline = useConnectionState().kind === 'offline';
  const events = (feed === null ? initial?.events : feed.events) ?? null;
  const heldBack = feed?.heldBack ?? 0;
  const people = [...new Set((events ?? NONE).flatMap(({ who }) => who ?? []))].toSorted();
  return (
    <div className={`flex flex-1 flex-col gap-3 px-4 py-3 ${offline ? 'opacity-60' : ''}`}>
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-auto text-20 font-semibold tracking-tight">Events</h1>
        <ExportEvents feed={feed} />
      </div>
      <EventToolbar view={view} change={change} people={people} />
      {feed !== null && feed.error !== null && <ErrorNote error={feed.error} />}
      {heldBack > 0 && (
        // Without a height of its own: its coming moves nothing.
        <div className="sticky top-3 z-10 -mb-3 flex h-0 justify-center">
          <Button
            tone="primary"
            className="shadow-lg"
            onClick={() => {
              setOpen(null);
              feed?.hold(false);
              toTop();
            }}
          >
            {plural(heldBack, 'new event')}
          </Button>
        </div>
      )}
      {events !== null && events.length === 0 && <NoEvents filtered={isFiltered(view)} />}
      {events !== null && events.length > 0 && (
        <EventTable events={events} open={open} toggle={(seq) => setOpen((before) => (before === seq ? null : seq))} />
      )}
      {events !== null && events.length > 0 && feed?.hasOlder === true && (
        <Button className="self-center" onClick={() => void feed.older()}>
          Older
        </Button>
      )}
    </div>
  );
}

function NoEvents({ filtered }: { filtered: boolean }) {
  return (
    <div className="m-auto max-w-lg p-8 text-center">
      <h2 className="text-16 font-semibold">{filtered ? 'No event matches' : 'No events yet'}</h2>
      <p className="mt-1 text-ink-2">
        {filtered
          ? 'All that is chosen above must hold. What matches from now on appears here by itself.'
          : 'Whatever happens to containers, groups, images and volumes, and who did it, appears here by itself.'}
      </p>
    </div>
  );
}
