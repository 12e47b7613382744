import { randomBytes } from 'node:crypto';
import type { Alert, DiskLevel } from '@plimsoll/protocol';
import type { Alerts } from '../alerts/alerts.ts';
import type { EventLog } from '../events/event-log.ts';
import { newEvent } from '../events/new-event.ts';
import type { Disk, DiskWatch } from './disk-watch.ts';

/** In the place of a rule: this alert is Plimsoll's own, and needs none. */
const RULE = 'disk';
const RULE_NAME = 'disk space';

const KINDS = { low: 'disk.low', full: 'disk.full', ok: 'disk.recovered' } as const;

type Kept = Pick<Alerts, 'firing' | 'put'>;

/** Each change of a level into the log, and one alert for as long as a file system has little left. */
export function alertOfDisks(watch: DiskWatch, alerts: Kept, events: Pick<EventLog, 'record'>): void {
  watch.on('looked', (paths) => endOthers(alerts, new Set(paths)));
  watch.on('changed', (disk) => {
    events.record([eventOf(disk)]);
    const firing = alertOf(alerts, disk.path);
    if (disk.level === 'ok') {
      if (firing !== undefined) end(alerts, firing, 'below');
    } else {
      raise(alerts, firing, disk, disk.level);
    }
  });
}

/** Of the agent before, about file systems that are no longer Plimsoll's. */
function endOthers(alerts: Kept, paths: ReadonlySet<string>): void {
  for (const alert of alerts.firing) {
    if (alert.cause.kind === 'disk' && !paths.has(alert.subject.id ?? '')) end(alerts, alert, 'gone');
  }
}

/** By the alerts that still fire: what the agent before saw. */
export function levelBefore(alerts: Pick<Alerts, 'firing'>, path: string): DiskLevel {
  const cause = alertOf(alerts, path)?.cause;
  return cause?.kind === 'disk' ? cause.level : 'ok';
}

function alertOf({ firing }: Pick<Alerts, 'firing'>, path: string): Alert | undefined {
  return firing.find(({ cause, subject }) => cause.kind === 'disk' && subject.id === path);
}

/** One that fires already has another level now: it is news to whoever has seen it. */
function raise(alerts: Kept, firing: Alert | undefined, disk: Disk, level: 'low' | 'full'): void {
  const { path, usedBytes, totalBytes, inodeShare, writers } = disk;
  const cause = { kind: 'disk' as const, level, usedBytes, totalBytes, inodeShare, writers };
  if (firing !== undefined) return alerts.put({ ...firing, cause, acknowledgedAt: null });
  const alert: Alert = {
    id: randomBytes(8).toString('hex'),
    rule: RULE,
    ruleName: RULE_NAME,
    subject: { kind: 'disk', id: path, name: null, group: null },
    cause,
    since: Date.now(),
    until: null,
    ending: null,
    count: 1,
    acknowledgedAt: null,
  };
  alerts.put(alert, { occasion: 'alert.fired' });
}

function end(alerts: Kept, alert: Alert, ending: 'below' | 'gone'): void {
  alerts.put({ ...alert, until: Math.max(alert.since, Date.now()), ending }, { occasion: 'alert.resolved' });
}

function eventOf({ path, type, holds, usedBytes, totalBytes, inodeShare, level, writers }: Disk) {
  return newEvent({
    kind: KINDS[level],
    subject: 'disk',
    id: path,
    name: path,
    detail: { type, holds, usedBytes, totalBytes, inodeShare, writers: writers.map((writer) => ({ ...writer })) },
  });
}
