import type { Incident } from '@plimsoll/protocol';
import { Gauge, Hourglass, MemoryStick, Skull, Users, type LucideIcon } from 'lucide-react';
import { isSevere } from '../../lib/incident-in-words.ts';

const GLYPHS: Readonly<Record<Incident['kind'], LucideIcon>> = {
  'oom-kill': Skull,
  'memory-high': MemoryStick,
  'memory-max': Gauge,
  'pids-refused': Users,
  starving: Hourglass,
};

/** One glyph a kind; red for out of memory, else amber. */
export function IncidentGlyph({ incident, size = 15 }: { incident: Incident; size?: number }) {
  const Icon = GLYPHS[incident.kind];
  return <Icon aria-hidden size={size} className={`flex-none ${isSevere(incident) ? 'text-failed' : 'text-warning'}`} />;
}
