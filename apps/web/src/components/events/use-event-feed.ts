'use client';

import type { EventPage } from '@plimsoll/protocol';
import { useEffect, useMemo, useState } from 'react';
import { eventFilter, type EventView } from '../../lib/event-view.ts';
import { EventFeed } from '../../live/event-feed.ts';
import { useChanges, useLive } from '../live-provider.tsx';

/** Who types is not asked for at each key. */
const TYPING_MS = 250;

/** The events of a view, live. Null while rendering on the server. `initial`: what the server rendered with. */
export function useEventFeed(view: EventView, initial: EventPage | null): EventFeed | null {
  const connection = useLive()?.connection;
  const [first] = useState(initial);
  const feed = useMemo(() => (connection === undefined ? null : new EventFeed(connection, first)), [connection, first]);
  useEffect(() => {
    if (feed === null) return undefined;
    const show = () => feed.show(eventFilter(view, Date.now()));
    if (feed.isFollowing) {
      const timer = setTimeout(show, TYPING_MS);
      return () => clearTimeout(timer);
    }
    show();
    return undefined;
  }, [feed, view]);
  // Behind the effect above: the first question is asked with its filter.
  useEffect(() => feed?.follow(), [feed]);
  useChanges(feed?.notifier);
  return feed;
}
