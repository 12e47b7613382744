import { z } from 'zod';
import { Alert } from './alert.ts';
import { ContainerView } from './container.ts';
import { ErrorBody } from './errors.ts';
import { FIRST_VERSION, FormatVersion } from './format-version.ts';
import { GroupView } from './group.ts';
import { HostId } from './host-id.ts';
import { Incident } from './incident.ts';
import { CgroupPath, HostCgroup } from './kernel.ts';
import { ContainerId, ContainerRef, GroupPath } from './names.ts';
import { StoreWarning } from './store-warning.ts';

/**
 * The socket.io events beside `command`. A client is told of every container's state from the moment it connects;
 * samples and logs come when asked for.
 *
 *   client -> agent   command      CommandMessage, ack Answer
 *                     watch        WatchRequest,   ack WatchAnswer       (replaces the watch before it)
 *                     unwatch      -
 *                     logs         LogsRequest,    ack LogsAnswer        (replaces the logs before them)
 *                     unlogs       -
 *                     events       -,              ack EventsAnswer      (from then on every event, once)
 *                     unevents     -
 *   agent -> client   hello        Hello           once, and again after each reconnect
 *                     container    ContainerView   made or changed
 *                     removed      ContainerId
 *                     group        GroupView       made or changed
 *                     group-removed  path
 *                     alert        Alert           fired, resolved or acknowledged
 *                     incident     Incident        what the kernel told of a container, at once
 *                     cgroups      HostCgroup[]    to who watches the kernel: the whole tree, whenever it has changed
 *                     samples      Uint8Array      see samples.ts; only the newest waits for a slow client
 *                     log          LogChunk
 *                     store-warnings  StoreWarning[]  all of them, whenever there is another one
 *                     event        LoggedEvent     to who asked for events, when it is in the log
 */
export const EVENTS = {
  command: 'command',
  watch: 'watch',
  unwatch: 'unwatch',
  logs: 'logs',
  unlogs: 'unlogs',
  events: 'events',
  unevents: 'unevents',
  hello: 'hello',
  container: 'container',
  removed: 'removed',
  group: 'group',
  groupRemoved: 'group-removed',
  incident: 'incident',
  alert: 'alert',
  cgroups: 'cgroups',
  samples: 'samples',
  log: 'log',
  event: 'event',
  storeWarnings: 'store-warnings',
} as const;

/** Of these messages and of commands. A client names its own in the handshake, the agent its own in `hello`. */
export const PROTOCOL: FormatVersion = { major: 1, minor: 0 };

/** How long, and how finely, the agent remembers samples for a viewer who has just come. */
export const HISTORY_MS = 600_000;

export const Hello = z.object({
  /** An agent from before there was one does not say. */
  protocol: FormatVersion.default(FIRST_VERSION),
  version: z.string(),
  /** Absent: an agent from before there was one. */
  hostId: HostId.optional(),
  hostname: z.string(),
  cpus: z.int(),
  memoryBytes: z.int(),
  intervalMs: z.number(),
  containers: z.array(ContainerView),
  groups: z.array(GroupView),
  /** The newest that the agent remembers, oldest first. */
  incidents: z.array(Incident),
  /** Those that fire, and those that nobody has said to have seen: the newest of them, oldest first. */
  alerts: z.array(Alert),
  /** State files that were damaged or missing. */
  storeWarnings: z.array(StoreWarning).default([]),
});
export type Hello = z.infer<typeof Hello>;

/**
 * The table: few columns of every container and group. One container, group or cgroup of the host: every column of it.
 * The kernel: few columns of every cgroup of the host, and `cgroups` events.
 */
export const WatchRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('table') }),
  z.strictObject({ kind: z.literal('container'), container: ContainerRef }),
  z.strictObject({ kind: z.literal('group'), group: GroupPath }),
  z.strictObject({ kind: z.literal('kernel') }),
  z.strictObject({ kind: z.literal('cgroup'), path: CgroupPath }),
]);
export type WatchRequest = z.infer<typeof WatchRequest>;

const Failed = z.object({ ok: z.literal(false), error: ErrorBody });

/** `history` is a samples block (samples.ts) of the last HISTORY_MS; in the table's, cpu alone and at most 120 points. `cgroups`: where the kernel is watched. */
export const WatchAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), history: z.instanceof(Uint8Array), cgroups: z.array(HostCgroup).optional() }),
  Failed,
]);
export type WatchAnswer = z.infer<typeof WatchAnswer>;

export const LogsAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), container: ContainerId }), Failed]);

/** What the log has that is older than the answer is for event.list to ask for. */
export const EventsAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true) }), Failed]);
export type EventsAnswer = z.infer<typeof EventsAnswer>;
