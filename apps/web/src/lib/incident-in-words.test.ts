import type { Incident } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { incidentLabel, incidentSentence, isAbout } from './incident-in-words.ts';

const incident = (part: Partial<Incident>): Incident => ({
  id: 1,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'oom-kill',
  container: '0123456789abcdef',
  group: 'acme',
  count: 1,
  resource: null,
  share: null,
  ...part,
});

it.each<[Partial<Incident>, string, string]>([
  [{}, 'out of memory', 'The kernel’s out-of-memory killer ended a process of it.'],
  [{ count: 3 }, 'out of memory', 'The kernel’s out-of-memory killer ended 3 processes of it.'],
  [{ kind: 'memory-high', count: 2 }, 'past its soft memory limit', 'It went past its soft memory limit 2 times.'],
  [
    { kind: 'pids-refused', count: 1200 },
    'at its process limit',
    'The kernel refused it 1,200 new processes: it is at its process limit.',
  ],
  [
    { kind: 'starving', resource: 'io', share: 0.42 },
    'starving for disks',
    'Some of its processes waited for disks for 42 % of the time.',
  ],
])('%#', (part, label, sentence) => {
  expect(incidentLabel(incident(part))).toBe(label);
  expect(incidentSentence(incident(part))).toBe(sentence);
});

it('is marked in the chart that it is about', () => {
  const starving = incident({ kind: 'starving', resource: 'cpu', share: 0.5 });
  expect((['cpu', 'memory', 'io', 'pids', 'pressure'] as const).filter((subject) => isAbout(starving, subject))).toEqual([
    'cpu',
    'pressure',
  ]);
  expect(isAbout(incident({}), 'memory')).toBe(true);
});
