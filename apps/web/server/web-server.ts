import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Admission, type Verdict } from './admission.ts';
import { plain, redirect, TOO_MANY, tooMany } from './answers.ts';
import { requestAgent } from './agent-request.ts';
import { belowBase } from './base-path.ts';
import { settleClient, type Client } from './client.ts';
import type { Configuration } from './configuration.ts';
import { limitUnproven } from './connections.ts';
import { allowedHosts, refusal } from './origin.ts';
import type { PageHandler } from './page-handler.ts';
import { AgentProxy, refuseUpgrade } from './proxy.ts';
import { securityHeaders } from './security-headers.ts';
import { readSession, sessionCookieOf, type SessionCookie } from './session-cookie.ts';
import { signIn, signOut } from './sign-in.ts';

const BASE = 'http://localhost';

/** How long a client may take to send a request whole, and how long a connection may be silent. A live one has a ping each 25 s. */
export interface Limits extends Pick<ServerOptions, 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'> {
  idleMs: number;
  unproven?: number;
}
export const LIMITS: Limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  idleMs: 120_000,
};

/** Listens on loopback; pages wait for `pages`. Rejects when the port is taken. */
export async function listen(
  configuration: Configuration,
  pages: Promise<PageHandler>,
  limits = LIMITS,
): Promise<{ server: Server; port: number }> {
  const server = createServer(limits);
  server.setTimeout(limits.idleMs);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    reject(taken ? new Error(`Port ${configuration.port} is taken: choose another with PLIMSOLL_PORT`, { cause: error }) : error);
  });
  server.listen({ host: '127.0.0.1', port: configuration.port }, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const routes = new Routes({ ...configuration, port }, pages, limitUnproven(server, limits.unproven));
  server.on('request', (request, response) => {
    routes.handle(request, response).catch((error: unknown) => {
      console.error('The web server failed to answer a request:', error);
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'Something went wrong on the web server. Its log has the cause.');
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // Also while the agent is waited for.
    socket.on('error', () => socket.destroy());
    routes.upgrade(request, socket, head).catch((error: unknown) => {
      console.error('The web server failed to answer an upgrade request:', error);
      socket.destroy();
    });
  });
  return { server, port };
}

/** A request, as far as it is understood. */
interface Asked extends Client {
  /** Below the base path; null: it is not. */
  path: string | null;
  query: URLSearchParams;
  cookie: SessionCookie;
  session: string | null;
}

class Routes {
  readonly #configuration: Configuration;
  readonly #pages: Promise<PageHandler>;
  readonly #isProven: (socket: Duplex) => void;
  readonly #allowed: ReadonlySet<string>;
  readonly #sessions = new Admission();
  /** Apart: a flood of sessions keeps nobody from signing in. */
  readonly #signIns = new Admission();
  readonly #proxy: AgentProxy;
  readonly #notSignedIn: string;

  constructor(configuration: Configuration, pages: Promise<PageHandler>, isProven: (socket: Duplex) => void) {
    const { agentSocket, hosts, port, command } = configuration;
    this.#configuration = configuration;
    this.#pages = pages;
    this.#isProven = isProven;
    this.#allowed = allowedHosts(port, hosts);
    this.#proxy = new AgentProxy(agentSocket, (session) => this.#sessions.forget(session));
    this.#notSignedIn = `Not signed in. Run \`${command} url\` on the host and open the link it prints.`;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { basePath, agentSocket } = this.#configuration;
    const { csp, headers } = securityHeaders();
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const asked = this.#understand(request);
    if (asked === null) return plain(response, 400, 'This is no path.');
    const { path, query, cookie, address, session } = asked;
    const { method } = request;
    if (request.url === '/health' || path === '/health') return plain(response, 200, 'ok');
    const refused = refusal({ method, headers: request.headers, upgrade: false, isSecure: asked.isSecure }, this.#allowed);
    if (refused !== null) return plain(response, 403, refused);
    if (path === null) return plain(response, 404, `Plimsoll is below ${basePath}/ here.`);

    const signingIn = { agentSocket, basePath, cookie, address };
    if (isAgentPath(path)) {
      if (session === null) return plain(response, 401, this.#notSignedIn);
      const verdict = await this.#verify(asked, session, request.socket);
      if (verdict === 'bad') return plain(response, 401, this.#notSignedIn);
      if (verdict === 'too-many') return tooMany(response);
      return this.#proxy.forward(request, response, { session, address, path: `${path}${searchOf(query)}` });
    }
    if (method === 'POST' && path === '/sign-out') {
      if (session !== null) this.#sessions.forget(session);
      return await signOut(signingIn, session, response);
    }
    if (method !== 'GET' && method !== 'HEAD') return plain(response, 405, 'This path only answers GET.');
    const token = query.get('token');
    // Not for HEAD: what only looks at a link must not use it up.
    if (method === 'GET' && path === '/sign-in' && token !== null) {
      const signedIn = await signIn(signingIn, { token, admission: this.#signIns }, request, response);
      if (signedIn !== null) this.#sessions.learn(signedIn);
      return;
    }
    if (!isPublic(path)) {
      if (session === null) return redirect(response, `${basePath}/sign-in`);
      const verdict = await this.#verify(asked, session, request.socket);
      if (verdict === 'bad') return redirect(response, `${basePath}/sign-in?problem=expired`);
      if (verdict === 'too-many') return tooMany(response);
    }
    // To Next as to the agent: the session's credential, and none that the browser sent.
    request.headers.authorization = session === null ? '' : `Bearer ${session}`;
    request.headers['content-security-policy'] = csp;
    await (
      await this.#pages
    )(request, response);
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const asked = this.#understand(request);
    if (asked === null) return refuseUpgrade(socket, 404, 'Nothing here.');
    const { path, query, session, address, isSecure } = asked;
    const refused = refusal({ method: request.method, headers: request.headers, upgrade: true, isSecure }, this.#allowed);
    if (refused !== null) return refuseUpgrade(socket, 403, refused);
    if (path === null || !isAgentPath(path)) return refuseUpgrade(socket, 404, 'Nothing here.');
    if (session === null) return refuseUpgrade(socket, 401, this.#notSignedIn);
    const verdict = await this.#verify(asked, session, socket);
    if (verdict === 'bad') return refuseUpgrade(socket, 401, this.#notSignedIn);
    if (verdict === 'too-many') return refuseUpgrade(socket, 429, TOO_MANY);
    this.#proxy.upgrade(request, socket, head, { session, address, path: `${path}${searchOf(query)}` });
  }

  /** Null: its path is none. */
  #understand(request: IncomingMessage): Asked | null {
    const { proxies, basePath, port } = this.#configuration;
    const client = settleClient(request, proxies);
    const url = URL.parse(request.url ?? '/', BASE);
    if (url === null) return null;
    const cookie = sessionCookieOf(port, basePath, client.isSecure);
    const session = readSession(request.headers.cookie, cookie);
    return { ...client, path: belowBase(url.pathname, basePath), query: url.searchParams, cookie, session };
  }

  /** `unknown` while the agent is away: the page says so. */
  async #verify({ address }: Client, session: string, socket: Duplex): Promise<Verdict> {
    const ask = async (): Promise<Verdict> => {
      const { agentSocket } = this.#configuration;
      const answer = await requestAgent(agentSocket, { method: 'GET', path: '/v1/sessions', session, address }).catch(() => null);
      return answer === null || answer.status >= 500 ? 'unknown' : answer.status === 200 ? 'good' : 'bad';
    };
    const verdict = await this.#sessions.verify({ address, isGone: () => socket.destroyed }, session, ask);
    if (verdict === 'good') this.#isProven(socket);
    return verdict;
  }
}

function searchOf(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${query}`;
}

function isAgentPath(path: string): boolean {
  return path === '/socket.io' || path.startsWith('/socket.io/');
}

function isPublic(path: string): boolean {
  return path === '/sign-in' || path === '/icon.svg' || path.startsWith('/_next/static/');
}
