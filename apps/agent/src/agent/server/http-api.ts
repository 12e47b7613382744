import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, parse, PlimsollError, type Answer, type UsageReport } from '@plimsoll/protocol';
import { z } from 'zod';
import { bearerToken, isSameOrigin, type Caller, type Gatekeeper } from '../access/gatekeeper.ts';
import { endpointOf } from '../access/endpoint.ts';
import { peerOf } from '../access/peer.ts';
import type { Sessions } from '../access/sessions.ts';
import { whereFrom } from '../events/who.ts';
import type { Registry } from '../registry.ts';
import type { SessionRecorder } from '../events/record-sessions.ts';
import { toErrorBody, type Dispatcher } from '../commands/dispatcher.ts';
import { CONTENT_TYPE } from '../metrics/exposition.ts';
import { parseAllocationQuery, toAllocations } from './allocation.ts';
import { readJson } from './body.ts';
import { CommandGate } from './command-gate.ts';
import { goneSignal } from './gone.ts';
import { NDJSON, type LogStreams } from './log-streams.ts';

const Redeem = z.strictObject({ token: z.string().max(256) });

export interface HttpParts {
  dispatcher: Dispatcher;
  gatekeeper: Gatekeeper;
  sessions: Sessions;
  /** Told of who signs in and out, and who is refused. */
  recorder: Pick<SessionRecorder, 'signedIn' | 'signingOut' | 'refused'>;
  /** What /health tells to anyone who may connect. */
  health: () => object;
  /** What Prometheus is told. */
  metrics: () => Promise<string>;
  registry: Pick<Registry, 'complete'>;
  logStreams: LogStreams;
}

/** A body that is no JSON. */
class Exposition {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A body that is written bit by bit. */
class Streaming {
  readonly contentType: string;
  readonly begin: (response: ServerResponse) => void;

  constructor(contentType: string, begin: (response: ServerResponse) => void) {
    this.contentType = contentType;
    this.begin = begin;
  }
}

type Route = (request: IncomingMessage) => Promise<object> | object;

/**
 *   GET    /health       { ok, … }                                    no token needed
 *   GET    /metrics      Prometheus's text format
 *   POST   /v1/sessions  { token } -> { session, expiresAt }          the token is the credential, and good once
 *   GET    /v1/sessions  { ok }                                       whether the session of its bearer is good
 *   DELETE /v1/sessions  {}                                           ends the session of its bearer
 *   POST   /v1/command   CommandMessage -> { ok: true, result }       `Idempotency-Key` is the request id, as `request` in the body is
 *   GET    /v1/logs?container=web&tail=10&follow=true                 for root: a LogChunk a line, the last one with `end`
 *   GET    /v1/allocation?window=7d&aggregate=group&step=1d&includeIdle=true     { ok: true, data } (allocation.ts)
 *
 * Every error is { ok: false, error: ErrorBody } with the status of its code.
 */
export function httpApi(parts: HttpParts): RequestListener {
  const { dispatcher, gatekeeper, sessions, recorder, health, metrics, registry, logStreams } = parts;
  const gates = new WeakMap<Socket, CommandGate>();
  const gateOf = (socket: Socket, caller: Caller): CommandGate => {
    const gate = gates.get(socket) ?? new CommandGate(caller);
    gates.set(socket, gate);
    return gate;
  };
  const callerOf = (request: IncomingMessage): Caller => ({
    ...gatekeeper.identify(bearerToken(request.headers.authorization), endpointOf(request)),
    ...peerOf(request),
    gone: goneSignal(request.socket),
  });
  /** Before the supervisor was heard once, what is known would be a lie. */
  const callerWhenComplete = (request: IncomingMessage): Caller => {
    const caller = callerOf(request);
    if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there yet');
    return caller;
  };
  /** Signing in is for browsers: the web process brings their links. */
  const signIn = async (request: IncomingMessage): Promise<{ session: string; expiresAt: string }> => {
    const from = { over: 'web', address: peerOf(request).address } as const;
    try {
      const signedIn = await sessions.redeem(parse(Redeem, await readJson(request), 'sign-in').token);
      recorder.signedIn(signedIn.session, from);
      return signedIn;
    } catch (error) {
      recorder.refused(toErrorBody(error), from);
      throw error;
    }
  };

  const routes: Record<string, Record<string, Route>> = {
    '/health': { GET: () => ({ ok: true, ...health() }) },
    '/metrics': {
      GET: async (request) => {
        callerOf(request);
        return new Exposition(await metrics());
      },
    },
    '/v1/sessions': {
      GET: (request) => {
        callerOf(request);
        return { ok: true };
      },
      POST: signIn,
      DELETE: async (request) => {
        const caller = callerOf(request);
        if (caller.who === 'user') {
          recorder.signingOut(caller.session, whereFrom(caller));
          await sessions.end(caller.session);
        }
        return { ok: true };
      },
    },
    '/v1/allocation': {
      GET: async (request) => {
        const caller = callerOf(request);
        const asked = parseAllocationQuery(queryOf(request));
        const args = { verb: 'usage.query', args: asked.query };
        const answer = await gateOf(request.socket, caller).pass(async () => await dispatcher.dispatch(args, caller));
        return answer.ok ? { ok: true, data: toAllocations(answer.result as UsageReport, asked) } : answer;
      },
    },
    '/v1/logs': {
      GET: (request) => {
        // A session could end while it goes on: browsers follow logs over their live connection.
        if (callerWhenComplete(request).who !== 'local') {
          throw new PlimsollError('forbidden', 'this path is for root on the host');
        }
        return new Streaming(NDJSON, logStreams.open(queryOf(request)));
      },
    },
    '/v1/command': {
      POST: async (request) => {
        const caller = callerWhenComplete(request);
        const command = async () => await dispatcher.dispatch(withRequestId(await readJson(request), request), caller);
        return await gateOf(request.socket, caller).pass(command);
      },
    },
  };

  return (request, response) => {
    const answer = async (): Promise<object> => {
      const { origin, host } = request.headers;
      if (!isSameOrigin(origin, host)) throw new PlimsollError('forbidden', 'this page may not send requests from where it is');
      const methods = routes[request.url?.split('?', 1)[0] ?? '/'];
      if (methods === undefined) {
        throw new PlimsollError('not-found', `there is nothing at ${request.url}`, {
          hint: `There are ${Object.keys(routes).join(', ')}.`,
        });
      }
      const route = Object.hasOwn(methods, request.method ?? '') ? methods[request.method ?? ''] : undefined;
      if (route === undefined) {
        throw new PlimsollError('bad-request', `${request.method} does not apply here`, {
          hint: `Use ${Object.keys(methods).join(' or ')}.`,
        });
      }
      return await route(request);
    };
    answer()
      .catch((error: unknown) => ({ ok: false, error: toErrorBody(error) }))
      .then((body) => send(request, response, body))
      .catch(() => response.destroy());
  };
}

/** While the parts are still being put together; also how a second agent sees that this one has the socket. */
export const notReady: RequestListener = (request, response) => {
  const error = new PlimsollError('unavailable', 'the agent is starting');
  response.setHeader('retry-after', '1');
  send(request, response, { ok: false, error: error.toBody() });
};

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '', 'http://agent').searchParams;
}

/** The command with the header's request id, which may be quoted (draft-ietf-httpapi-idempotency-key-header). */
function withRequestId(message: unknown, { headers }: IncomingMessage): unknown {
  const header = headers['idempotency-key'];
  if (header === undefined || typeof message !== 'object' || message === null) return message;
  const id = String(header).replace(/^"(.*)"$/, '$1');
  if ('request' in message && message.request !== id) {
    throw new PlimsollError('bad-request', 'Idempotency-Key and the request id in the body differ', { field: 'request' });
  }
  return { ...message, request: id };
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function send(request: IncomingMessage, response: ServerResponse, body: object): void {
  if (body instanceof Streaming) {
    response.writeHead(200, { ...HEADERS, 'content-type': body.contentType });
    body.begin(response);
    return;
  }
  const status = 'error' in body ? ERRORS[(body as Extract<Answer, { ok: false }>).error.code].status : 200;
  const isExposition = body instanceof Exposition;
  const text = isExposition ? body.text : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': isExposition ? CONTENT_TYPE : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...HEADERS,
    // The rest of a body that was not read to its end must not be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(text);
}
