'use client';

import type { Incident } from '@plimsoll/protocol';
import Link from 'next/link';
import { useEffect } from 'react';
import { incidentLabel, incidentSentence, isSevere } from '../../lib/incident-in-words.ts';
import { useLive } from '../live-provider.tsx';
import { useNotify } from '../notices.tsx';

/** What goes on for long is told of once in this time; out of memory each time. */
const QUIET_MS = 60_000;

/** Tells of what the kernel tells of, on whatever page. */
export function IncidentNotices() {
  const live = useLive();
  const notify = useNotify();
  useEffect(() => {
    if (live === null) return undefined;
    const told = new Map<string, number>();
    return live.incidents.onNew((incident) => {
      const id = `${incident.container} ${incident.kind} ${incident.resource ?? ''}`;
      const now = Date.now();
      if (!isSevere(incident) && now - (told.get(id) ?? 0) < QUIET_MS) return;
      told.set(id, now);
      const name = live.containers.get(incident.container)?.name ?? incident.container;
      notify({
        id,
        title: <Title incident={incident} name={name} />,
        description: incidentSentence(incident),
        tone: isSevere(incident) ? 'failed' : 'amber',
      });
    });
  }, [live, notify]);
  return null;
}

function Title({ incident, name }: { incident: Incident; name: string }) {
  return (
    <>
      <Link href={`/containers/${incident.container}?tab=events`} className="underline-offset-2 hover:underline">
        {name}
      </Link>
      : {incidentLabel(incident)}
    </>
  );
}
