'use client';

import type { Incident } from '@plimsoll/protocol';
import { incidentLabel, isSevere } from '../../lib/incident-in-words.ts';
import { useIncidents } from '../live-provider.tsx';
import { useNow } from '../use-now.ts';
import { IncidentGlyph } from './incident-glyph.tsx';

const RECENT_MS = 5 * 60_000;

/** What happened to a container, or in a group, in the last minutes: the worst of it as a glyph. */
export function IncidentBadge(of: { container: string } | { group: string }) {
  const incidents = useIncidents(of);
  return incidents.length === 0 ? null : <Recent incidents={incidents} />;
}

function Recent({ incidents }: { incidents: readonly Incident[] }) {
  const now = useNow();
  const recent = now === null ? [] : incidents.filter(({ at }) => now - Date.parse(at) < RECENT_MS);
  const worst = recent.findLast(isSevere) ?? recent.at(-1);
  if (worst === undefined) return null;
  const words = `${incidentLabel(worst)}, in the last 5 minutes`;
  return (
    <span className="relative z-10 inline-flex items-center" title={words}>
      <IncidentGlyph incident={worst} size={14} />
      <span className="sr-only">{words}</span>
    </span>
  );
}
