import type { Incident, Resource } from '@plimsoll/protocol';
import { inWords } from '@plimsoll/protocol/quantities';
import { count as figure, percent } from './format.ts';

/** Out of memory is red, everything else amber. */
export function isSevere({ kind }: Incident): boolean {
  return kind === 'oom-kill';
}

/** A few words, for a badge. */
export function incidentLabel({ kind, resource }: Incident): string {
  return kind === 'starving' ? `starving for ${NOUNS[resource ?? 'cpu']}` : LABELS[kind];
}

const LABELS: Readonly<Record<Exclude<Incident['kind'], 'starving'>, string>> = {
  'oom-kill': 'out of memory',
  'memory-high': 'past its soft memory limit',
  'memory-max': 'at its memory limit',
  'pids-refused': 'at its process limit',
};

/** What happened, as a sentence without its subject. */
export function incidentSentence({ kind, count, resource, share }: Incident): string {
  switch (kind) {
    case 'oom-kill':
      return `The kernel’s out-of-memory killer ended ${count === 1 ? 'a process' : `${number(count)} processes`} of it.`;
    case 'memory-high':
      return `It went past its soft memory limit${times(count)}.`;
    case 'memory-max':
      return `It was held at its memory limit${times(count)}: the kernel took memory back from it first.`;
    case 'pids-refused':
      return `The kernel refused it ${count === 1 ? 'a new process' : `${number(count)} new processes`}: it is at its process limit.`;
    case 'starving':
      return `Some of its processes waited for ${NOUNS[resource ?? 'cpu']} for ${inWords(percent(share ?? NaN))} of the time.`;
  }
}

function times(count: number): string {
  return count === 1 ? '' : ` ${number(count)} times`;
}

function number(value: number): string {
  return inWords(figure(value));
}

const NOUNS: Readonly<Record<Resource, string>> = { cpu: 'cpu', memory: 'memory', io: 'disks' };

/** What a chart is of. */
export type ChartSubject = 'cpu' | 'memory' | 'io' | 'pids' | 'pressure' | 'network' | 'disk';

/** Whether it is marked in that chart. */
export function isAbout({ kind, resource }: Incident, subject: ChartSubject): boolean {
  if (kind === 'starving') return subject === 'pressure' || subject === resource;
  return subject === (kind === 'pids-refused' ? 'pids' : 'memory');
}
