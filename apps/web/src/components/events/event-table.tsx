'use client';

import type { LoggedEvent } from '@plimsoll/protocol';
import { EventRow } from './event-row.tsx';

interface EventTableProps {
  events: readonly LoggedEvent[];
  open: number | null;
  toggle: (seq: number) => void;
}

export function EventTable({ events, open, toggle }: EventTableProps) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-left text-13">
        <thead className="text-12 text-ink-2">
          <tr className="[&>th]:px-3 [&>th]:py-2 [&>th]:font-normal">
            <th className="w-36 md:w-44">Time</th>
            <th className="w-48 max-xl:hidden">Kind</th>
            <th className="max-md:hidden md:w-36 xl:w-52">About</th>
            <th>What happened</th>
            <th className="w-36 max-md:hidden">Who</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <EventRow key={event.seq} event={event} isOpen={event.seq === open} toggle={() => toggle(event.seq)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
