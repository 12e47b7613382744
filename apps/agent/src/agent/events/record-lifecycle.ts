import { attempt } from '@plimsoll/core/guarded';
import type { ContainerView, GroupView, Incident } from '@plimsoll/protocol';
import type { Incidents } from '../incidents.ts';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import type { ContainerRecord, SupervisorResult } from '../../supervisor/protocol.ts';
import { log } from '../log.ts';
import type { Registry } from '../registry.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { containerEvents, containerGone, missedBefore, type KnownContainer } from './container-events.ts';
import type { EventLog } from './event-log.ts';
import { missedEnds, type Missed } from './missed-ends.ts';
import { groupEvents, groupGone, type KnownGroup } from './group-events.ts';
import { newEvent } from './new-event.ts';

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
  const knownOf = (id: string) => events.known(`container ${id}`) as KnownContainer | undefined;
  /** Containers with ends that nobody saw, until the supervisor has answered with its records of these. */
  const lookingBack = new Set<string>();
  const lookAt = (view: ContainerView, ends?: readonly ExitRecord[]): void => {
    if (lookingBack.has(view.id)) return;
    const { events: happened, known } = containerEvents(knownOf(view.id), view, ends);
    if (happened.length > 0) events.record(happened, [`container ${view.id}`, known]);
  };
  const forget = (id: string, ends?: readonly ExitRecord[]): void => {
    const known = lookingBack.has(id) ? undefined : knownOf(id);
    if (known !== undefined) events.record(containerGone(id, known, ends), [`container ${id}`, null]);
  };
  const lookBack = async (missed: ReadonlyMap<string, Missed>): Promise<void> => {
    for (const id of missed.keys()) lookingBack.add(id);
    const ends = await missedEnds(supervisor, missed).catch((error: unknown) => {
      log('warn', 'the ends of containers that nobody saw are not known', { error });
      return new Map<string, ExitRecord[]>();
    });
    // The next connection begins with this again.
    if (!supervisor.connected) return;
    for (const id of missed.keys()) {
      lookingBack.delete(id);
      const view = registry.get(id);
      if (view === undefined) forget(id, ends.get(id));
      else lookAt(view, ends.get(id));
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
    const missed = missedOf(records, events);
    if (missed.size > 0) attempt('what nobody saw of containers', () => lookBack(missed));
    const paths = new Set(groups.map(({ path }) => path));
    for (const path of [...events.knownOf('group')]) if (!paths.has(path)) forgetGroup(path);
  };
  const disconnected = (reason: string): void => {
    const pid = (events.known('supervisor') as KnownSupervisor | undefined)?.pid ?? 0;
    const lost = newEvent({ kind: 'supervisor.lost', subject: 'supervisor', detail: { pid, reason } });
    events.record([lost], ['supervisor', { pid, isThere: false }]);
  };
  const listeners = [
    [registry, 'container', (view: ContainerView) => lookAt(view)],
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

/** Containers that went while no agent was there, or have been started again, by id: which of their ends the log does not have. */
function missedOf(records: readonly ContainerRecord[], events: EventLog): Map<string, Missed> {
  const knownOf = (id: string) => events.known(`container ${id}`) as KnownContainer | undefined;
  const missed = new Map<string, Missed>();
  for (const { id, incarnation } of records) {
    const found = missedBefore(knownOf(id) ?? { ended: 0 }, incarnation);
    if (found !== null) missed.set(id, found);
  }
  const present = new Set(records.map(({ id }) => id));
  for (const id of events.knownOf('container')) {
    if (present.has(id)) continue;
    const { ended, incarnation } = knownOf(id) ?? { ended: 0, incarnation: 0 };
    missed.set(id, { from: ended + 1, to: incarnation });
  }
  return missed;
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
