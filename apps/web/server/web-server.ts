import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Configuration } from './configuration.ts';
import type { PageHandler } from './page-handler.ts';
import { allowedHosts, refusal } from './origin.ts';
import { AgentProxy, refuseUpgrade } from './proxy.ts';
import { securityHeaders } from './security-headers.ts';
import { readSession, sessionCookieName } from './session-cookie.ts';
import { redirect, signIn, signOut } from './sign-in.ts';

const BASE = 'http://localhost';

/** Listens on loopback; pages wait for `pages`. Rejects when the port is taken. */
export async function listen(
  configuration: Configuration,
  pages: Promise<PageHandler>,
): Promise<{ server: Server; port: number }> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    reject(taken ? new Error(`Port ${configuration.port} is taken: choose another with PLIMSOLL_PORT`, { cause: error }) : error);
  });
  server.listen({ host: '127.0.0.1', port: configuration.port }, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  route(server, port, configuration, pages);
  return { server, port };
}

function route(server: Server, port: number, { agentSocket, hosts, command }: Configuration, pages: Promise<PageHandler>): void {
  const allowed = allowedHosts(port, hosts);
  const cookieName = sessionCookieName(port);
  const proxy = new AgentProxy(agentSocket);
  const notSignedIn = `Not signed in. Run \`${command} url\` on the host and open the link it prints.`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { csp, headers } = securityHeaders();
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { method, url = '/' } = request;
    if (!URL.canParse(url, BASE)) return plain(response, 400, 'This is no path.');
    const { pathname, searchParams } = new URL(url, BASE);
    if (pathname === '/health') return plain(response, 200, 'ok');
    const refused = refusal({ method, headers: request.headers, upgrade: false }, allowed);
    if (refused !== null) return plain(response, 403, refused);

    const session = readSession(request.headers.cookie, cookieName);
    if (isAgentPath(pathname)) {
      if (session === null) return plain(response, 401, notSignedIn);
      return proxy.forward(request, response, session);
    }
    if (method === 'POST' && pathname === '/sign-out') return signOut(agentSocket, cookieName, session, response);
    if (method !== 'GET' && method !== 'HEAD') return plain(response, 405, 'This path only answers GET.');
    const token = searchParams.get('token');
    // Not for HEAD: what only looks at a link must not use it up.
    if (method === 'GET' && pathname === '/sign-in' && token !== null) {
      return signIn(agentSocket, cookieName, token, request, response);
    }
    if (session === null && !isPublic(pathname)) return redirect(response, '/sign-in');
    // To Next as to the agent: the session's credential, and none that the browser sent.
    request.headers.authorization = session === null ? '' : `Bearer ${session}`;
    request.headers['content-security-policy'] = csp;
    await (
      await pages
    )(request, response);
  }

  server.on('request', (request, response) => {
    handle(request, response).catch((error: unknown) => {
      console.error('The web server failed to answer a request:', error);
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'Something went wrong on the web server. Its log has the cause.');
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const refused = refusal({ method: request.method, headers: request.headers, upgrade: true }, allowed);
    const session = readSession(request.headers.cookie, cookieName);
    if (refused !== null) refuseUpgrade(socket, 403, refused);
    else if (!isAgentPath(URL.parse(request.url ?? '/', BASE)?.pathname ?? '')) refuseUpgrade(socket, 404, 'Nothing here.');
    else if (session === null) refuseUpgrade(socket, 401, notSignedIn);
    else proxy.upgrade(request, socket, head, session);
  });
}

function isAgentPath(pathname: string): boolean {
  return pathname === '/socket.io' || pathname.startsWith('/socket.io/');
}

function isPublic(pathname: string): boolean {
  return pathname === '/sign-in' || pathname === '/icon.svg' || pathname.startsWith('/_next/static/');
}

function plain(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(`${sentence}\n`);
}
