import { attempt } from '@plimsoll/core/guarded';
import type { ContainerView, GroupView, Incident } from '@plimsoll/protocol';
import type { Incidents } from '../incidents.ts';
import type { SupervisorResult } from '../../supervisor/protocol.ts';
import type { Registry } from '../registry.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { containerEvents, containerGone, type KnownContainer } from './container-events.ts';
import type { EventLog } from './event-log.ts';
import { groupEvents, groupGone, type KnownGroup } from './group-events.ts';
import { newEvent } from './new-event.ts';

const RECORDS_DEADLINE_MS = 5000;
/** No supervisor remembers as many. */
const INCIDENTS_KNOWN = 1000;

interface Sources {
  registry: Registry;
  incidents: Incidents;
  supervisor: SupervisorLink;
}

/**
 * From the registry, the incidents and the link to the supervisor into the log. What changed while no agent was there comes out of
 * the first comparison, and what the log has already of it stays once. To be disposed of before the link is: an agent that ends has not lost its supervisor.
 */
export function recordLifecycle(events: EventLog, { registry, incidents, supervisor }: Sources): Disposable {
  const lookAt = (view: ContainerView): void => {
    const thing = `container ${view.id}`;
    const { events: happened, known } = containerEvents(events.known(thing) as KnownContainer | undefined, view);
    if (happened.length > 0) events.record(happened, [thing, known]);
  };
  const forget = (id: string): void => {
    const known = events.known(`container ${id}`) as KnownContainer | undefined;
    if (known !== undefined) events.record(containerGone(id, known), [`container ${id}`, null]);
  };
  /** Those that went while no agent was there. Of their ends the supervisor has records until the ledger has them. */
  const forgetAll = async (ids: readonly string[]): Promise<void> => {
    const records = await supervisor.request('ledgerRecords', { after: 0, most: 1000 }, RECORDS_DEADLINE_MS).catch(() => []);
    const ends = records.flatMap((record) => (record.kind === 'exit' ? [record] : []));
    for (const id of ids) {
      const known = events.known(`container ${id}`) as KnownContainer | undefined;
      if (known !== undefined) events.record(containerGone(id, known, ends), [`container ${id}`, null]);
    }
  };
  const lookAtGroup = (view: GroupView): void => {
    const thing = `group ${view.path}`;
    const { events: happened, known } = groupEvents(events.known(thing) as KnownGroup | undefined, view);
    if (happened.length > 0) events.record(happened, [thing, known]);
  };
  const forgetGroup = (path: string): void => {
    if (events.known(`group ${path}`) !== undefined) events.record(groupGone(path), [`group ${path}`, null]);
  };
  const connected = ({ pid, version, groups, records }: SupervisorResult<'subscribe'>): void => {
    recordSupervisor(events, { pid, version });
    const present = new Set(records.map(({ id }) => id));
    const gone = [...events.knownOf('container')].filter((id) => !present.has(id));
    if (gone.length > 0) attempt('containers that went meanwhile', () => forgetAll(gone));
    const paths = new Set(groups.map(({ path }) => path));
    for (const path of [...events.knownOf('group')]) if (!paths.has(path)) forgetGroup(path);
  };
  const disconnected = (reason: string): void => {
    const pid = (events.known('supervisor') as KnownSupervisor | undefined)?.pid ?? 0;
    const lost = newEvent({ kind: 'supervisor.lost', subject: 'supervisor', detail: { pid, reason } });
    events.record([lost], ['supervisor', { pid, isThere: false }]);
  };
  const listeners = [
    [registry, 'container', lookAt],
    [registry, 'removed', ({ id }: ContainerView) => forget(id)],
    [registry, 'group', lookAtGroup],
    [registry, 'group-removed', ({ path }: GroupView) => forgetGroup(path)],
    [incidents, 'incident', (incident: Incident) => recordIncident(events, registry, incident)],
    [supervisor, 'connected', connected],
    [supervisor, 'disconnected', disconnected],
  ] as const;
  for (const [source, event, listener] of listeners) source.on(event as never, listener as never);
  return {
    [Symbol.dispose]: () => {
      for (const [source, event, listener] of listeners) source.off(event as never, listener as never);
    },
  };
}

interface KnownSupervisor {
  pid: number;
  isThere: boolean;
}

function recordSupervisor(events: EventLog, { pid, version }: { pid: number; version: string }): void {
  const known = events.known('supervisor') as KnownSupervisor | undefined;
  const isSame = known?.pid === pid;
  if (isSame && known.isThere) return;
  const kind = isSame ? 'supervisor.returned' : 'supervisor.started';
  events.record([newEvent({ kind, subject: 'supervisor', detail: { pid, version } })], ['supervisor', { pid, isThere: true }]);
}

function recordIncident(events: EventLog, registry: Registry, incident: Incident): void {
  const { id, at, kind, container, group, count, resource, share } = incident;
  const key = `${id} ${at}`;
  if (events.known(`incident ${key}`) !== undefined) return;
  const name = registry.get(container)?.name ?? null;
  const detail = resource === null ? { count } : { resource, share };
  const event = newEvent({
    kind: `incident.${kind}`,
    subject: 'container',
    id: container,
    name,
    group,
    at: Date.parse(at),
    detail,
    once: `incident ${key}`,
  });
  events.record([event], [`incident ${key}`, {}]);
  const known = [...events.knownOf('incident')];
  for (const oldest of known.slice(0, Math.max(0, known.length - INCIDENTS_KNOWN))) {
    events.record([], [`incident ${oldest}`, null]);
  }
}
