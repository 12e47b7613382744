import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { HostId } from './host-id.ts';
import { GroupPath } from './names.ts';

/**
 * What the log keeps: what happened (`container.exited`), and who did what (`command`, whose verb stands in its detail). Before the
 * first point stands the family, by which kinds can be asked for together.
 */
export const EVENT_KINDS = [
  'command',
  'container.created',
  'container.started',
  'container.exited',
  'container.failed',
  'container.removed',
  'container.renamed',
  'container.frozen',
  'container.thawed',
  'container.limits',
  'incident.oom-kill',
  'incident.memory-high',
  'incident.memory-max',
  'incident.pids-refused',
  'incident.starving',
  'group.created',
  'group.changed',
  'group.frozen',
  'group.thawed',
  'group.killed',
  'group.removed',
  /** Of a file system that Plimsoll writes to: little is left, almost nothing is left, there is room again. */
  'disk.low',
  'disk.full',
  'disk.recovered',
  'image.imported',
  'image.removed',
  'volume.created',
  'volume.removed',
  'session.signed-in',
  'session.refused',
  'session.signed-out',
  'session.expired',
  /** Of rules that watch figures and events (alert.ts); the last: a webhook's receiver did not take it. */
  'alert.fired',
  'alert.resolved',
  'alert.undelivered',
  'agent.started',
  'agent.ended',
  'supervisor.started',
  'supervisor.lost',
  'supervisor.returned',
  /** The host's clock was set: by how much, `byMs`, and from when to when. Slewing makes none. */
  'clock.jumped',
  /** Of the log itself: the oldest were dropped, some could not be written, a damaged file was set aside. */
  'log.trimmed',
  'log.lost',
  'log.damaged',
  /** Of any other state file: a damaged one was set aside, or a missing one was made anew. */
  'store.damaged',
  'store.missing',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/**
 * What an event is about. `agent`, `supervisor` and `log` have no id; a cgroup of the host is known by its path, a file system by
 * its mount point.
 */
export const EventSubject = z.enum([
  'container',
  'group',
  'image',
  'volume',
  'session',
  'alert',
  'cgroup',
  'disk',
  'host',
  'agent',
  'supervisor',
  'log',
]);
export type EventSubject = z.infer<typeof EventSubject>;

/** `socket`: the agent's unix socket, which only root can open; `web`: the dashboard, and from which address. */
export const EventOrigin = z.object({ over: z.enum(['socket', 'web']), address: z.string().nullable() });
export type EventOrigin = z.infer<typeof EventOrigin>;

const EventError = ErrorBody.pick({ code: true, message: true });

export const LoggedEvent = z.object({
  /** Ascending, and in the order of writing: what was found out late has an earlier time than those before it. */
  seq: z.int(),
  /** When it happened, in ms since 1970. */
  at: z.int(),
  /** Of EVENT_KINDS; an older client may be told of one that it does not know. */
  kind: z.string(),
  subject: EventSubject,
  /** A container's id, a group's path, a name. */
  id: z.string().nullable(),
  name: z.string().nullable(),
  group: z.string().nullable(),
  /** `root`, or `session 1a2b3c4d`: a hash, and no part of a token. Null: it happened by itself. */
  who: z.string().nullable(),
  from: EventOrigin.nullable(),
  detail: z.record(z.string(), z.json()),
  /** Null: it went well. */
  error: EventError.nullable(),
  /** Where it happened. Absent: an agent from before there was one. */
  host: HostId.optional(),
});
export type LoggedEvent = z.infer<typeof LoggedEvent>;

const Text = z.string().min(1).max(256);
const Milliseconds = z.int().min(0).max(8_640_000_000_000_000);
const Seq = z.int().min(0);

/** Which events; all that are given hold. */
export const EventFilter = z.strictObject({
  /** Kinds, or families of them: `container.exited`, `container`. */
  kinds: z
    .array(z.string().regex(/^[a-z-]{1,32}(?:\.[a-z-]{1,32})?$/, 'expected a kind such as "container.exited", or "container"'))
    .max(64)
    .optional(),
  subjects: z.array(EventSubject).max(16).optional(),
  /** A container, image, volume … by id or by name. */
  subject: Text.optional(),
  /** The group itself, and all that is in it or below it. */
  group: GroupPath.optional(),
  /** `root`, one session, or `session` for all of them. */
  who: Text.optional(),
  from: Milliseconds.optional(),
  to: Milliseconds.optional(),
  /** Anywhere in it, in upper or lower case. */
  text: Text.optional(),
});
export type EventFilter = z.infer<typeof EventFilter>;

export const MOST_EVENTS = 1000;

/** The newest first, of those with a lower `seq` than `before`, and a higher one than `after`. */
export const EventQuery = EventFilter.extend({
  before: Seq.optional(),
  after: Seq.optional(),
  limit: z.int().min(1).max(MOST_EVENTS, `at most ${MOST_EVENTS} at once`).default(100),
});
export type EventQuery = z.output<typeof EventQuery>;

/** `last`: the newest of all, whatever was asked for; 0: there is none. */
export const EventPage = z.object({ events: z.array(LoggedEvent), last: Seq });
export type EventPage = z.infer<typeof EventPage>;

/** The same as the log's own query, for those that come live. */
export function matchesEvent(filter: EventFilter, event: LoggedEvent): boolean {
  const { kinds, subjects, subject, group, who, from, to, text } = filter;
  return (
    (kinds === undefined || kinds.some((kind) => isOrBelow(event.kind, kind, '.'))) &&
    (subjects === undefined || subjects.includes(event.subject)) &&
    (subject === undefined || event.id === subject || event.name === subject) &&
    (group === undefined || isOrBelow(event.group, group, '/')) &&
    (who === undefined || isOrBelow(event.who, who, ' ')) &&
    (from === undefined || event.at >= from) &&
    (to === undefined || event.at <= to) &&
    (text === undefined || searched(event).includes(text.toLowerCase()))
  );
}

function isOrBelow(value: string | null, wanted: string, divider: string): boolean {
  return value !== null && (value === wanted || value.startsWith(wanted + divider));
}

/** What a text is looked for in. Values are divided by a character that no text to look for has. */
export function searched({ kind, id, name, group, who, from, detail, error }: LoggedEvent): string {
  const texts = [kind, id, name, group, who, from?.address, JSON.stringify(detail), error?.code, error?.message];
  return texts
    .map((text) => text ?? '')
    .join('\n')
    .toLowerCase();
}
