'use client';

import type { Incident } from '@plimsoll/protocol';
import Link from 'next/link';
import { incidentLabel, incidentSentence } from '../../lib/incident-in-words.ts';
import { useLive } from '../live-provider.tsx';
import { LocalTime } from '../local-time.tsx';
import { IncidentGlyph } from './incident-glyph.tsx';

const MOST_SHOWN = 200;

/** What the kernel told of, the newest first. `named`: with the container that each is about. */
export function IncidentEvents({ incidents, named = false }: { incidents: readonly Incident[]; named?: boolean }) {
  if (incidents.length === 0) {
    return (
      <p className="p-4 text-13 text-ink-2">
        Nothing so far. Out-of-memory kills, memory held at a limit, refused processes and starving show up here the moment the
        kernel tells of them.
      </p>
    );
  }
  return (
    <ul className="max-h-[32rem] overflow-auto">
      {incidents
        .slice(-MOST_SHOWN)
        .toReversed()
        .map((incident) => (
          <li key={`${incident.id} ${incident.at}`} className="flex gap-3 border-b border-line px-4 py-2 text-13 last:border-b-0">
            <span className="mt-0.5">
              <IncidentGlyph incident={incident} />
            </span>
            <div className="min-w-0 flex-1">
              <p>
                {named && <ContainerLink id={incident.container} />}
                <span className="font-medium first-letter:uppercase">{incidentLabel(incident)}</span>
              </p>
              <p className="text-ink-2">{incidentSentence(incident)}</p>
            </div>
            <span className="tabular flex-none text-12 whitespace-nowrap text-ink-3">
              <LocalTime at={incident.at} />
            </span>
          </li>
        ))}
    </ul>
  );
}

function ContainerLink({ id }: { id: string }) {
  const name = useLive()?.containers.get(id)?.name;
  if (name === undefined) return <span className="mr-2 font-mono text-12 text-ink-3">{id}</span>;
  return (
    <Link href={`/containers/${id}`} className="mr-2 font-medium text-accent underline-offset-2 hover:underline">
      {name}
    </Link>
  );
}
