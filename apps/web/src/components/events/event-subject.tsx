'use client';

import type { LoggedEvent } from '@plimsoll/protocol';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { urlPath } from '../../lib/tree.ts';
import { useChanges, useLive } from '../live-provider.tsx';

/** What an event is about; a link while that is there. */
export function EventSubjectName({ event }: { event: LoggedEvent }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  useChanges(live?.groups.notifier);
  const { subject, id } = event;
  const name = event.name ?? id ?? subject;
  if (subject === 'container' && id !== null && live?.containers.get(id) !== undefined) {
    return <Reference href={`/containers/${id}`}>{name}</Reference>;
  }
  if (subject === 'group' && id !== null && live?.groups.get(id) !== undefined) {
    return <Reference href={`/groups/${urlPath(id)}`}>{name}</Reference>;
  }
  return <span className={event.name === null && id === null ? 'text-ink-3' : ''}>{name}</span>;
}

function Reference({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      prefetch={false}
      onClick={(click) => click.stopPropagation()}
      className="text-accent underline-offset-2 hover:underline"
    >
      {children}
    </Link>
  );
}
