import {
  Incident,
  mergeSpans,
  MOST_EVENTS,
  type ChartHistory,
  type EventQuery,
  type LoggedEvent,
  type TimeSpan,
} from '@plimsoll/protocol';
import type { EventLog } from '../events/event-log.ts';
import { lineage } from '../registry.ts';
import type { ChartSubject } from './chart-store.ts';

export type Happenings = Pick<ChartHistory, 'frozen' | 'incidents' | 'restarts'>;

/** What the log of events tells of a container, or of a group and all in it, between two instants (wall clock, ms). */
export async function happenings(
  events: EventLog,
  { kind, subject }: ChartSubject,
  from: number,
  to: number,
): Promise<Happenings> {
  const list = async (query: Omit<EventQuery, 'limit'>): Promise<LoggedEvent[]> =>
    (await events.list({ ...query, limit: MOST_EVENTS })).events.toReversed();
  const whose = kind === 'container' ? { subject } : { group: subject };
  const frozenThings = kind === 'container' ? [subject] : lineage(subject);
  const [incidents, starts, ...freezes] = await Promise.all([
    list({ ...whose, kinds: ['incident'], from, to }),
    list({ ...whose, kinds: ['container.started'], from, to }),
    // Of before as well: what was frozen then may be so still.
    ...frozenThings.map((thing) => list({ subjects: [kind], subject: thing, kinds: ENDS_OF_FREEZES[kind], to })),
  ]);
  return {
    frozen: mergeSpans(freezes.map((one) => frozenSpans(one, from))),
    incidents: incidents.flatMap(incidentOf),
    restarts: starts.flatMap(({ at, id, name, detail }) =>
      id !== null && Number(detail['incarnation']) > 1 ? [{ at, container: id, name }] : [],
    ),
  };
}

/** A freeze begins with the first of its kind's, and ends with each of the others. */
const ENDS_OF_FREEZES = {
  container: ['container.frozen', 'container.thawed', 'container.exited', 'container.started'],
  group: ['group.frozen', 'group.thawed', 'group.removed'],
};

/** From events in order of writing. */
export function frozenSpans(events: readonly LoggedEvent[], fromMs: number): TimeSpan[] {
  const spans: TimeSpan[] = [];
  for (const { kind, at } of events) {
    const last = spans.at(-1);
    const isOpen = last?.to === null;
    if (kind.endsWith('.frozen') && !isOpen) spans.push({ from: at, to: null });
    if (!kind.endsWith('.frozen') && isOpen) last.to = at;
  }
  // One that ends before it begins: the clock was set back between.
  return spans
    .filter(({ from, to }) => to === null || to > Math.max(from, fromMs))
    .map(({ from, to }) => ({ from: Math.max(from, fromMs), to }));
}

function incidentOf({ seq, at, kind, id, group, detail }: LoggedEvent): Incident[] {
  const told = Incident.safeParse({
    id: seq,
    at: new Date(at).toISOString(),
    kind: kind.slice('incident.'.length),
    container: id,
    group,
    count: detail['count'] ?? 1,
    resource: detail['resource'] ?? null,
    share: detail['share'] ?? null,
  });
  return told.success ? [told.data] : [];
}
