import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestAgent } from './agent-request.ts';
import { expiredSessionCookie, isSession, sessionCookie } from './session-cookie.ts';

/** Turns a one-time token into a session cookie. The redirect takes the token out of the address bar and the history. */
export async function signIn(
  agentSocket: string,
  cookieName: string,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  let answer;
  try {
    const address = request.socket.remoteAddress;
    answer = await requestAgent(agentSocket, { method: 'POST', path: '/v1/sessions', address, body: { token } });
  } catch {
    return redirect(response, '/sign-in?problem=agent-away');
  }
  const created = parseSession(answer.body);
  if (created === null) return redirect(response, '/sign-in?problem=bad-token');
  response.setHeader('Set-Cookie', sessionCookie(cookieName, created.session, created.expiresAt));
  // From a link on another site a redirect would still count as cross-site, and the strict cookie stay at home.
  if (request.headers['sec-fetch-site'] === 'cross-site') {
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store', refresh: '0;url=/' });
    response.end('<!doctype html><title>Plimsoll</title><a href="/">Continue to Plimsoll</a>');
    return;
  }
  redirect(response, '/');
}

/** Ends the session at the agent, and forgets it here even where the agent is away. */
export async function signOut(
  agentSocket: string,
  cookieName: string,
  session: string | null,
  response: ServerResponse,
): Promise<void> {
  const address = response.req.socket.remoteAddress;
  if (session !== null) {
    await requestAgent(agentSocket, { method: 'DELETE', path: '/v1/sessions', session, address }).catch(() => undefined);
  }
  response.setHeader('Set-Cookie', expiredSessionCookie(cookieName));
  redirect(response, '/sign-in?problem=signed-out');
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

/** By hand: zod lives in the bundles that Next builds, and this process runs from nothing but Next's own packages. */
function parseSession(body: unknown): { session: string; expiresAt: Date } | null {
  if (typeof body !== 'object' || body === null || !('session' in body) || !('expiresAt' in body)) return null;
  const { session, expiresAt } = body;
  if (!isSession(session) || typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) return null;
  return { session, expiresAt: new Date(expiresAt) };
}
