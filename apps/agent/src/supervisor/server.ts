import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import { CgroupTimeout } from '@plimsoll/core';
import { parse, parseRequest, PlimsollError, type HostId, type StoreWarning } from '@plimsoll/protocol';
import type { z } from 'zod';
import { buildVersion } from '../build.ts';
import { diskError } from '../disk-failure.ts';
import { complain } from './complain.ts';
import {
  SUPERVISOR_PROTOCOL,
  SUPERVISOR_VERBS,
  SupervisorRequest,
  type SupervisorMessage,
  type SupervisorVerb,
} from './protocol.ts';
import type { Observer } from './observers.ts';
import { whileUnderWay } from './requests-under-way.ts';
import { resourceFailure } from '../resource-failure.ts';
import { RequestLines } from './request-lines.ts';
import { subjectOf } from './request-effects.ts';
import { verbHandlers, type VerbParts } from './verbs.ts';

/** What a subscriber may be behind with before it is let go: it reconnects, and gets every record anew. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

/** A peer that reads nothing keeps no supervisor from ending. */
const ANSWER_WITHIN_MS = 10_000;

/** An agent has one, a launcher and each command of root's one for a moment. */
const MOST_CONNECTIONS = 256;

/** In the log, of an error in a callback. */
const WHAT = 'a connection to the supervisor';

interface Ending {
  /** Stops everything. Returns how many containers that were. */
  shutdown: () => Promise<number>;
  /** Called once the answer to it is on its way. */
  end: () => void;
}

/** Verbs that may take long, and that the next supervisor continues or finds done: none is waited for before this one ends. */
const LONG: ReadonlySet<string> = new Set(['wait', 'stop', 'restart', 'shutdown']);
const DRAIN_WITHIN_MS = 5000;

/** `drain`: takes no request any more, and resolves when those under way are answered. */
export interface Served {
  server: Server;
  drain: () => Promise<void>;
}

/** The supervisor's socket: JSON lines, as protocol.ts has them. Only root reaches it (0600), and still nothing is believed. */
export function serve(parts: VerbParts, about: { warnings: StoreWarning[]; host: HostId }, { shutdown, end }: Ending): Served {
  const { containers, requests } = parts;
  const handlers = {
    ...verbHandlers(parts),
    shutdown: async () => ({ stopped: await shutdown() }),
  };

  const underWay = new Set<Promise<unknown>>();
  let isDraining = false;
  const drain = async (): Promise<void> => {
    isDraining = true;
    await Promise.race([Promise.allSettled(underWay), delay(DRAIN_WITHIN_MS, undefined, { ref: false })]);
  };

  const connected = (socket: Socket): void => {
    /** `taken` is called when the kernel has it, and all that was sent before; or nobody is there any more. */
    const send = (message: SupervisorMessage, taken: () => void = () => {}) => {
      if (socket.writableLength > MAX_BACKLOG_BYTES) socket.destroy();
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`, () => taken());
      else taken();
    };
    const observer: Observer = {
      container: (record) => send({ event: 'container', record }),
      removed: (id) => send({ event: 'removed', id }),
      group: (group) => send({ event: 'group', group }),
      groupRemoved: (path) => send({ event: 'group-removed', path }),
      incident: (incident) => send({ event: 'incident', incident }),
      ledgerRecord: (record) => send({ event: 'ledger', record }),
    };
    socket.on(
      'close',
      guarded(WHAT, () => containers.observers.delete(observer)),
    );
    socket.on('error', () => socket.destroy());
    onLines(socket, guarded(WHAT, answer));

    async function answer(line: string): Promise<void> {
      // The connection is about to end: what comes now is sent again to the next supervisor.
      if (isDraining) return;
      let id = 0;
      try {
        const request = parse(SupervisorRequest, JSON.parse(line), 'request');
        id = request.id;
        if (request.verb === 'subscribe') {
          containers.observers.add(observer);
          const { records, groups, incidents } = containers;
          const self = { pid: process.pid, version: buildVersion(), protocol: SUPERVISOR_PROTOCOL, ...about };
          return send({ id, ok: true, result: { ...self, groups: groups.records, records, incidents } });
        }
        if (!Object.hasOwn(handlers, request.verb)) {
          throw new PlimsollError('bad-request', `there is no verb "${request.verb.slice(0, 40)}"`);
        }
        const verb = request.verb as Exclude<SupervisorVerb, 'subscribe'>;
        const schema: z.ZodType = SUPERVISOR_VERBS[verb].args;
        const args = parseRequest(schema, request.args, 'arguments');
        // The table pairs each verb with its own arguments; TypeScript cannot follow that through a union.
        const handler = handlers[verb] as (args: unknown) => Promise<unknown>;
        const subject = request.request === undefined ? null : subjectOf(verb, args, containers);
        const execute = async (): Promise<unknown> => await handler(args);
        const executed =
          subject === null || request.request === undefined ? execute() : requests.once(request.request, verb, subject, execute);
        const result = await (LONG.has(verb) ? executed : untilAnswered(executed));
        if (verb !== 'shutdown') return send({ id, ok: true, result });
        setTimeout(guarded(WHAT, end), ANSWER_WITHIN_MS);
        send({ id, ok: true, result }, end);
      } catch (error) {
        send({ id, ok: false, error: asPlimsollError(error).toBody() });
      }
    }
  };
  async function untilAnswered<T>(executed: Promise<T>): Promise<T> {
    underWay.add(executed);
    try {
      return await whileUnderWay(executed);
    } finally {
      underWay.delete(executed);
    }
  }

  const server = createServer(guarded(WHAT, connected));
  server.maxConnections = MOST_CONNECTIONS;
  return { server, drain };
}

/** The funnel from anything thrown to what may cross the border. A surprise is logged, with the id that the answer has. */
export function asPlimsollError(error: unknown): PlimsollError {
  if (error instanceof PlimsollError) return error;
  const disk = diskError(error);
  if (disk !== null) return disk;
  if (error instanceof CgroupTimeout) return new PlimsollError('deadline-exceeded', error.message, { cause: error });
  if (error instanceof SyntaxError) return new PlimsollError('bad-request', 'a line that is not JSON');
  const resource = resourceFailure(error);
  if (resource !== null) {
    complain('a limit is reached', error);
    return resource;
  }
  const id = randomUUID();
  complain(`internal error ${id}`, error);
  return new PlimsollError('internal', 'the supervisor failed at this', { id, cause: error });
}

/** Whole lines; a peer that sends more than a line may have, without an end, is cut off. */
function onLines(socket: Socket, take: (line: string) => void): void {
  const lines = new RequestLines(take);
  const received = (chunk: Buffer): void => {
    if (!socket.destroyed && !lines.push(chunk)) socket.destroy();
  };
  socket.on('data', guarded(WHAT, received));
  socket.on(
    'close',
    guarded(WHAT, () => lines[Symbol.dispose]()),
  );
}
