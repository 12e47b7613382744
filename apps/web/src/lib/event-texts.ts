import type { EventSubject, LoggedEvent } from '@plimsoll/protocol';

/** What an event looks like at a glance: amiss, a warning, held, begun, or nothing out of the ordinary. */
export type EventTone = 'failed' | 'warning' | 'ice' | 'running' | 'idle';

const TONES: Readonly<Record<string, EventTone>> = {
  'incident.oom-kill': 'failed',
  'alert.fired': 'warning',
  'alert.resolved': 'running',
  'alert.undelivered': 'failed',
  'container.frozen': 'ice',
  'container.thawed': 'running',
  'group.frozen': 'ice',
  'group.thawed': 'running',
  'container.started': 'running',
  'disk.low': 'warning',
  'disk.full': 'failed',
  'disk.recovered': 'running',
  'supervisor.lost': 'failed',
  'log.lost': 'failed',
  'log.damaged': 'failed',
  'store.damaged': 'failed',
  'store.missing': 'failed',
};

export function eventTone({ kind, detail, error }: LoggedEvent): EventTone {
  if (error !== null || detail['oomKilled'] === true) return 'failed';
  if (kind === 'agent.started' && detail['before'] === 'killed') return 'warning';
  return TONES[kind] ?? (kind.startsWith('incident.') ? 'warning' : 'idle');
}

/** What there is to choose from, by family; the first of each is all of it. */
export const KIND_CHOICES: readonly { label: string; kinds: readonly { kind: string; label: string }[] }[] = [
  { label: 'Commands', kinds: [{ kind: 'command', label: 'Every command' }] },
  {
    label: 'Containers',
    kinds: [
      { kind: 'container', label: 'All of containers' },
      { kind: 'container.created', label: 'Made' },
      { kind: 'container.started', label: 'Started' },
      { kind: 'container.exited', label: 'Exited' },
      { kind: 'container.failed', label: 'Could not start' },
      { kind: 'container.removed', label: 'Removed' },
      { kind: 'container.frozen', label: 'Frozen' },
      { kind: 'container.thawed', label: 'Thawed' },
      { kind: 'container.limits', label: 'Limits changed' },
      { kind: 'container.renamed', label: 'Renamed' },
    ],
  },
  {
    label: 'What the kernel tells',
    kinds: [
      { kind: 'incident', label: 'All incidents' },
      { kind: 'incident.oom-kill', label: 'Out of memory' },
      { kind: 'incident.memory-high', label: 'Past a soft memory limit' },
      { kind: 'incident.memory-max', label: 'At a memory limit' },
      { kind: 'incident.pids-refused', label: 'At a process limit' },
      { kind: 'incident.starving', label: 'Starving' },
    ],
  },
  { label: 'Groups', kinds: [{ kind: 'group', label: 'All of groups' }] },
  {
    label: 'Images and volumes',
    kinds: [
      { kind: 'image', label: 'Images' },
      { kind: 'volume', label: 'Volumes' },
    ],
  },
  {
    label: 'File systems',
    kinds: [
      { kind: 'disk', label: 'All of file systems' },
      { kind: 'disk.low', label: 'Nearly full' },
      { kind: 'disk.full', label: 'Full' },
      { kind: 'disk.recovered', label: 'Room again' },
    ],
  },
  {
    label: 'Sign-in',
    kinds: [
      { kind: 'session', label: 'All of sessions' },
      { kind: 'session.refused', label: 'Refused' },
    ],
  },
  {
    label: 'Alerts',
    kinds: [
      { kind: 'alert', label: 'All of alerts' },
      { kind: 'alert.fired', label: 'Fired' },
      { kind: 'alert.resolved', label: 'Over' },
      { kind: 'alert.undelivered', label: 'Not delivered' },
    ],
  },
  {
    label: 'Plimsoll itself',
    kinds: [
      { kind: 'agent', label: 'Agent' },
      { kind: 'supervisor', label: 'Supervisor' },
      { kind: 'clock', label: 'Clock of the host' },
      { kind: 'log', label: 'This log' },
      { kind: 'store', label: 'State files' },
    ],
  },
];

/** `Out of memory`; as it is called in the log where it has no other name. */
export function kindInWords(kind: string): string {
  return KIND_CHOICES.flatMap(({ kinds }) => kinds).find((choice) => choice.kind === kind)?.label ?? kind;
}

export const SUBJECTS: Readonly<Record<EventSubject, string>> = {
  container: 'Containers',
  group: 'A group and all in it',
  image: 'Images',
  volume: 'Volumes',
  session: 'Sessions',
  alert: 'Alerts',
  cgroup: 'Cgroups of the host',
  disk: 'File systems',
  host: 'The host',
  agent: 'The agent',
  supervisor: 'The supervisor',
  log: 'This log',
};

/** `web, from 127.0.0.1`. */
export function originInWords(from: LoggedEvent['from']): string {
  if (from === null) return 'by itself';
  if (from.over === 'socket') return 'on the host';
  return from.address === null ? 'by web' : `by web, from ${from.address}`;
}
