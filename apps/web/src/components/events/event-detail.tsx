import { eventInWords, type LoggedEvent } from '@plimsoll/protocol';
import type { ReactNode } from 'react';
import { originInWords } from '../../lib/event-texts.ts';
import { GroupLink } from '../group-link.tsx';

/** All that the log has of an event. */
export function EventDetail({ event }: { event: LoggedEvent }) {
  const { seq, at, kind, subject, id, group, who, from, detail, error } = event;
  return (
    <div className="rounded-md border border-line bg-ground p-3">
      <p className="text-13 wrap-anywhere first-letter:uppercase">{eventInWords(event)}</p>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-2 text-13 md:grid-cols-4">
        <Fact label="When">{new Date(at).toISOString()}</Fact>
        <Fact label="Number">{seq}</Fact>
        <Fact label="Kind">
          <span className="font-mono text-12">{kind}</span>
        </Fact>
        <Fact label="Result">{error === null ? 'ok' : <span className="text-failed">{error.code}</span>}</Fact>
        <Fact label="About">
          {subject} {id !== null && <span className="font-mono text-12">{id}</span>}
        </Fact>
        <Fact label="Group">{group === null ? '–' : <GroupLink path={group} />}</Fact>
        <Fact label="Who">{who ?? '–'}</Fact>
        <Fact label="From where">{originInWords(from)}</Fact>
      </dl>
      {Object.keys(detail).length > 0 && (
        <pre className="mt-3 max-h-80 overflow-auto rounded border border-line bg-surface p-2 font-mono text-12 whitespace-pre-wrap wrap-anywhere">
          {JSON.stringify(detail, null, 2)}
        </pre>
      )}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-12 text-ink-3">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
