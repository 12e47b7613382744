'use client';

import type { LoggedEvent } from '@plimsoll/protocol';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { eventsAsCsv, eventsAsJson } from '../../lib/event-export.ts';
import { plural } from '../../lib/format.ts';
import type { EventFeed } from '../../live/event-feed.ts';
import { Button } from '../button.tsx';
import { useNotify, useNotifyError } from '../notices.tsx';

const MOST = 100_000;
const URL_LIVES_MS = 60_000;

const FORMATS = {
  csv: { label: 'CSV', type: 'text/csv;charset=utf-8', write: eventsAsCsv },
  json: { label: 'JSON', type: 'application/json', write: eventsAsJson },
} as const;

/** All that match the filter, as a file, further back than what is shown. */
export function ExportEvents({ feed }: { feed: EventFeed | null }) {
  const [pending, setPending] = useState(false);
  const notify = useNotify();
  const notifyError = useNotifyError();

  async function save(format: keyof typeof FORMATS): Promise<void> {
    if (feed === null || pending) return;
    setPending(true);
    try {
      const events = await feed.all(MOST);
      const { type, write } = FORMATS[format];
      download(`plimsoll-events-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${format}`, type, write(events));
      if (events.length === MOST) tellOfTheRest(events);
    } catch (error) {
      notifyError(error, 'Could not export');
    } finally {
      setPending(false);
    }
  }

  function tellOfTheRest(events: readonly LoggedEvent[]): void {
    const oldest = events.at(-1);
    notify({
      title: `The newest ${plural(MOST, 'event')} are in the file`,
      description: `For those before ${new Date(oldest?.at ?? 0).toISOString()} choose a time until then.`,
      tone: 'amber',
    });
  }

  return (
    <span className="flex gap-2">
      {(Object.keys(FORMATS) as (keyof typeof FORMATS)[]).map((format) => (
        <Button
          key={format}
          disabled={feed === null || pending}
          aria-busy={pending}
          title={`What is filtered, as ${FORMATS[format].label}`}
          onClick={() => void save(format)}
        >
          <Download aria-hidden size={15} /> {FORMATS[format].label}
        </Button>
      ))}
    </span>
  );
}

function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), URL_LIVES_MS);
}
