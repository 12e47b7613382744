import { createServer, type IncomingMessage } from 'node:http';
import { cpus, hostname, totalmem } from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { attempt, guarded } from '@plimsoll/core/guarded';
import {
  ERRORS,
  EVENTS,
  FIRST_VERSION,
  FormatVersion,
  MAX_MESSAGE_BYTES,
  parse,
  PlimsollError,
  PROTOCOL,
  requireReadable,
  type Hello,
} from '@plimsoll/protocol';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { bearerToken, isSameOrigin, type Caller, type Gatekeeper } from '../access/gatekeeper.ts';
import { endpointOf } from '../access/endpoint.ts';
import { peerOf } from '../access/peer.ts';
import type { Sessions } from '../access/sessions.ts';
import { toErrorBody } from '../commands/dispatcher.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Incidents } from '../incidents.ts';
import type { StoreWarnings } from '../stores/store-warnings.ts';
import type { Endpoints } from './endpoints.ts';
import { send } from './http-api.ts';
import { endUnlessJoined } from './join-deadline.ts';
import type { LogStreams } from './log-streams.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { SessionPlaces } from './session-places.ts';
import { FOLLOWS_EVENTS, Viewer, type ViewerParts } from './viewer.ts';

/** For a client that is slow to read; one that reads nothing keeps no agent from ending. */
const LAST_WORDS_MS = 5000;

export interface LiveParts extends ViewerParts {
  gatekeeper: Gatekeeper;
  sessions: Sessions;
  incidents: Incidents;
  events: Pick<EventLog, 'on' | 'off'>;
  alerts: Pick<Alerts, 'on' | 'off' | 'open'>;
  warnings: Pick<StoreWarnings, 'on' | 'off' | 'list'>;
  /** Its id. */
  host: string;
  /** Those over HTTP, which end with this server. */
  logStreams: Pick<LogStreams, 'finish'>;
  version: string;
  intervalMs: number;
}

/** The socket.io side: tells everyone of every container, and each of what it asked for. */
export class LiveServer implements AsyncDisposable {
  readonly #endpoints: Endpoints;
  readonly #io: Server;
  readonly #viewers = new Set<Viewer>();
  readonly #logStreams: Pick<LogStreams, 'finish'>;
  readonly #undo: () => void;

  constructor(endpoints: Endpoints, parts: LiveParts) {
    // It never listens: engine.io's listeners are on it, and both endpoints pass on to them what is admitted.
    const http = createServer();
    const io = new Server(http, {
      path: '/socket.io',
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      // Before any handshake: a page of another site must not get as far as one.
      allowRequest: ({ headers }, decide) => decide(null, isSameOrigin(headers.origin, headers.host)),
    });
    const places = new SessionPlaces();
    places.attach(io);
    const requireAdmitted = (request: IncomingMessage, answer: Writable): void => {
      if (endpointOf(request) !== 'web') return;
      const caller = parts.gatekeeper.identify(bearerToken(request.headers.authorization), 'web');
      if (caller.who === 'user') places.take(caller.session, request, answer);
    };
    endpoints.serveLive({
      request: (request, response) => {
        try {
          requireAdmitted(request, response);
          http.emit('request', request, response);
        } catch (error) {
          send(request, response, { ok: false, error: toErrorBody(error) });
        }
      },
      upgrade: (request, socket, head) => {
        try {
          requireAdmitted(request, socket);
          http.emit('upgrade', request, socket, head);
        } catch (error) {
          refuseUpgrade(socket, ERRORS[toErrorBody(error).code].status);
        }
      },
    });
    this.#endpoints = endpoints;
    this.#io = io;
    this.#logStreams = parts.logStreams;
    io.use((socket, next) => {
      try {
        requireKnownProtocol(socket);
        socket.data = identify(socket, parts);
        next();
      } catch (error) {
        next(Object.assign(new Error('refused'), { data: toErrorBody(error) }));
      }
    });
    endUnlessJoined(io);
    io.on(
      'connection',
      guarded('a new connection', (socket: Socket) => this.#welcome(socket, parts)),
    );
    this.#undo = this.#relay(parts);
  }

  #welcome(socket: Socket, parts: LiveParts): void {
    const { registry } = parts;
    const viewer = new Viewer(socket, socket.data as Caller, parts);
    this.#viewers.add(viewer);
    const gone = (): void => {
      this.#viewers.delete(viewer);
      viewer[Symbol.dispose]();
    };
    socket.on('disconnect', guarded('the end of a connection', gone));
    const hello: Hello = {
      protocol: PROTOCOL,
      version: parts.version,
      hostId: parts.host,
      hostname: hostname(),
      cpus: cpus().length,
      memoryBytes: totalmem(),
      intervalMs: parts.intervalMs,
      containers: registry.containers,
      groups: registry.groups,
      incidents: parts.incidents.recent,
      alerts: parts.alerts.open,
      storeWarnings: parts.warnings.list,
    };
    socket.emit(EVENTS.hello, hello);
    if (viewer.caller.who === 'user') void socket.join(room(viewer.caller.session));
  }

  /** From registry, sampler, incidents and sessions to the viewers; returns its undo. */
  #relay({ registry, sampler, sessions, incidents, events, alerts, warnings }: LiveParts): () => void {
    const io = this.#io;
    const listeners = [
      [registry, 'container', (view: unknown) => io.emit(EVENTS.container, view)],
      [registry, 'removed', ({ id }: { id: string }) => io.emit(EVENTS.removed, id)],
      [registry, 'group', (group: unknown) => io.emit(EVENTS.group, group)],
      [registry, 'group-removed', ({ path }: { path: string }) => io.emit(EVENTS.groupRemoved, path)],
      [incidents, 'incident', (incident: unknown) => io.emit(EVENTS.incident, incident)],
      [alerts, 'alert', (alert: unknown) => io.emit(EVENTS.alert, alert)],
      [warnings, 'changed', (all: unknown) => io.emit(EVENTS.storeWarnings, all)],
      [events, 'event', (event: unknown) => io.in(FOLLOWS_EVENTS).emit(EVENTS.event, event)],
      [sampler, 'tick', () => this.#viewers.forEach((viewer) => attempt('the samples for a client', () => viewer.sendSamples()))],
      [sessions, 'ended', (key: string) => io.in(room(key)).disconnectSockets(true)],
    ] as const;
    for (const [source, event, listener] of listeners) source.on(event as never, listener as never);
    return () => {
      for (const [source, event, listener] of listeners) source.off(event as never, listener as never);
    };
  }

  /** Ends every connection, and the HTTP server with them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#undo();
    // The answer to a shutdown, and the last lines of containers, are delivered first: engine.io drops what the transport has not
    // taken yet.
    const lastWords = Promise.all([this.#logStreams.finish(), ...Array.from(this.#viewers, (viewer) => viewer.finish())]);
    await Promise.race([lastWords, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    const closed = Promise.all([this.#io.close(), this.#endpoints[Symbol.asyncDispose]()]);
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

function identify(socket: Socket, { gatekeeper, registry }: LiveParts): Caller {
  const { headers, auth } = socket.handshake;
  const caller = gatekeeper.identify(
    bearerToken(headers.authorization) ?? (auth as Record<string, unknown> | null)?.['token'],
    endpointOf(socket.request),
  );
  if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there yet');
  return { ...caller, ...peerOf(socket.request) };
}

function room(session: string): string {
  return `session ${session}`;
}

/** What a client says of itself. One from before there were versions names none. */
const Handshake = z.looseObject({ protocol: FormatVersion.default(FIRST_VERSION) });

function requireKnownProtocol({ handshake }: Socket): void {
  const { protocol } = parse(Handshake, handshake.auth, 'handshake');
  requireReadable('what this client sends', protocol, PROTOCOL);
}
