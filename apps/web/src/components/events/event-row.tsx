'use client';

import { eventInWords, type LoggedEvent } from '@plimsoll/protocol';
import { ChevronRight } from 'lucide-react';
import { LocalTime } from '../local-time.tsx';
import { EventDetail } from './event-detail.tsx';
import { EventIcon } from './event-icon.tsx';
import { EventSubjectName } from './event-subject.tsx';

interface EventRowProps {
  event: LoggedEvent;
  isOpen: boolean;
  toggle: () => void;
}

export function EventRow({ event, isOpen, toggle }: EventRowProps) {
  const { seq, at, kind, who, error } = event;
  return (
    <>
      <tr
        data-seq={seq}
        className="cursor-pointer hover:bg-hover [&>td]:border-t [&>td]:border-line [&>td]:px-3 [&>td]:py-1.5 [&>td]:align-top"
        onClick={toggle}
      >
        <td className="tabular text-ink-2 md:whitespace-nowrap">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={`Details of event ${seq}`}
            className="mr-1 rounded align-[-2px] text-ink-3 hover:text-ink"
            onClick={(click) => {
              click.stopPropagation();
              toggle();
            }}
          >
            <ChevronRight aria-hidden size={14} className={isOpen ? 'rotate-90' : ''} />
          </button>
          <span className="inline-block align-top max-md:w-[5.5rem]">
            <LocalTime at={new Date(at).toISOString()} />
          </span>
        </td>
        <td className="whitespace-nowrap max-xl:hidden">
          <span className="flex h-5 items-center gap-1.5">
            <EventIcon event={event} />
            <span className="font-mono text-12">{kind}</span>
          </span>
        </td>
        <td className="font-medium wrap-anywhere max-md:hidden">
          <EventSubjectName event={event} />
        </td>
        <td className={`wrap-anywhere ${error === null ? '' : 'text-failed'}`}>
          <What event={event} />
        </td>
        <td className="whitespace-nowrap text-ink-2 max-md:hidden">{who ?? <span className="text-ink-3">–</span>}</td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={5} className="px-3 pb-3 md:pl-9">
            <EventDetail event={event} />
          </td>
        </tr>
      )}
    </>
  );
}

/** With what it is about, and its icon, where those have no columns of their own. */
function What({ event }: { event: LoggedEvent }) {
  return (
    <span className="flex gap-1.5">
      <span className="flex h-5 items-center xl:hidden">
        <EventIcon event={event} />
      </span>
      <span className="min-w-0">
        <span className="font-medium text-ink md:hidden">
          <EventSubjectName event={event} />{' '}
        </span>
        <span className="line-clamp-2">{eventInWords(event)}</span>
      </span>
    </span>
  );
}
