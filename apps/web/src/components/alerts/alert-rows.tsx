'use client';

import { alertInWords, type Alert } from '@plimsoll/protocol';
import { duration } from '@plimsoll/protocol/quantities';
import { Check, CircleAlert, CircleCheck, Zap } from 'lucide-react';
import Link from 'next/link';
import { urlPath } from '../../lib/tree.ts';
import { Button } from '../button.tsx';
import { useChanges, useLive } from '../live-provider.tsx';
import { LocalTime } from '../local-time.tsx';
import { useNow } from '../use-now.ts';

interface AlertRowsProps {
  alerts: readonly Alert[];
  acknowledge: (alert: Alert) => void;
}

/** What fires, or has fired, the newest first. */
export function AlertRows({ alerts, acknowledge }: AlertRowsProps) {
  return (
    <ul className="card overflow-hidden">
      {alerts.map((alert) => (
        <Row key={alert.id} alert={alert} acknowledge={() => acknowledge(alert)} />
      ))}
    </ul>
  );
}

function Row({ alert, acknowledge }: { alert: Alert; acknowledge: () => void }) {
  const isFiring = alert.until === null;
  const isSeen = alert.acknowledgedAt !== null;
  return (
    <li
      className={`flex items-start gap-3 border-b border-line px-4 py-2.5 text-13 last:border-b-0 max-md:px-3 ${isFiring ? 'bg-failed-tint' : ''}`}
    >
      <Glyph alert={alert} />
      <div className={`min-w-0 flex-1 ${isSeen && !isFiring ? 'text-ink-2' : ''}`}>
        <p className="wrap-anywhere">
          <Subject alert={alert} />: <span className={isSeen ? '' : 'font-medium'}>{alertInWords(alert)}</span>
        </p>
        <p className="mt-0.5 text-12 text-ink-3 wrap-anywhere">
          {alert.ruleName} · <When alert={alert} />
        </p>
      </div>
      {!isSeen && (
        <Button tone="quiet" className="-my-1 max-md:-mx-2" aria-label={`Acknowledge ${alert.ruleName}`} onClick={acknowledge}>
          <Check aria-hidden size={15} /> <span className="max-md:sr-only">Acknowledge</span>
        </Button>
      )}
    </li>
  );
}

function Glyph({ alert: { until, ending } }: { alert: Alert }) {
  if (until === null) return <CircleAlert role="img" aria-label="Fires" size={16} className="mt-0.5 flex-none text-failed" />;
  if (ending === 'moment') return <Zap role="img" aria-label="Happened" size={16} className="mt-0.5 flex-none text-warning" />;
  return <CircleCheck role="img" aria-label="Over" size={16} className="mt-0.5 flex-none text-running" />;
}

const ENDINGS: Readonly<Record<string, string>> = {
  below: 'fell again',
  gone: 'ended with what it was of',
  rule: 'ended as its rule was changed',
};

function When({ alert: { since, until, ending } }: { alert: Alert }) {
  const now = useNow();
  const at = <LocalTime at={new Date(since).toISOString()} />;
  if (ending === 'moment') return at;
  if (until !== null) {
    return (
      <>
        {at}, {ENDINGS[ending ?? ''] ?? 'over'} after {duration(until - since)}
      </>
    );
  }
  return (
    <>
      {at}
      {now !== null && <span className="tabular">, for {duration(now - since)}</span>}
    </>
  );
}

/** A link while it is there. */
function Subject({ alert: { subject } }: { alert: Alert }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  const { kind, id, name } = subject;
  const text = name ?? id ?? kind;
  const className = 'font-medium text-accent underline-offset-2 hover:underline';
  if (kind === 'container' && id !== null && live?.containers.get(id) !== undefined) {
    return (
      <Link href={`/containers/${id}`} prefetch={false} className={className}>
        {text}
      </Link>
    );
  }
  if (kind === 'group' && id !== null && live?.groups.get(id) !== undefined) {
    return (
      <Link href={`/groups/${urlPath(id)}`} prefetch={false} className={className}>
        {text}
      </Link>
    );
  }
  return <span className="font-medium">{text}</span>;
}
