import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission, Verdict } from './admission.ts';
import { redirect, tooMany } from './answers.ts';
import { requestAgent } from './agent-request.ts';
import { expiredCookie, isSession, setCookie, type SessionCookie } from './session-cookie.ts';

export interface SigningIn {
  agentSocket: string;
  /** Where the dashboard begins, without a slash at its end. */
  basePath: string;
  cookie: SessionCookie;
  /** Of the browser. */
  address: string | undefined;
}

interface Created {
  session: string;
  expiresAt: Date;
}

/**
 * Turns a one-time token into a session cookie. The redirect takes the token out of the address bar and the history. Returns the
 * session; null where there is none.
 */
export async function signIn(
  { agentSocket, basePath, cookie, address }: SigningIn,
  { token, admission }: { token: string; admission: Admission },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string | null> {
  let created: Created | null = null;
  const redeem = async (): Promise<Verdict> => {
    try {
      const answer = await requestAgent(agentSocket, { method: 'POST', path: '/v1/sessions', address, body: { token } });
      // An agent that is starting has not looked at the token.
      if (answer.status >= 500) return 'unknown';
      created = parseSession(answer.body);
    } catch {
      return 'unknown';
    }
    return created === null ? 'bad' : 'good';
  };
  const isGone = (): boolean => request.socket.destroyed;
  const verdict = await admission.limited({ address, isGone }, redeem);
  const signedIn = created as Created | null;
  if (signedIn === null) {
    if (verdict === 'too-many') tooMany(response);
    else redirect(response, `${basePath}/sign-in?problem=${verdict === 'unknown' ? 'agent-away' : 'bad-token'}`);
    return null;
  }
  response.setHeader('Set-Cookie', setCookie(cookie, signedIn.session, signedIn.expiresAt));
  // From a link on another site a redirect would still count as cross-site, and the strict cookie stay at home.
  if (request.headers['sec-fetch-site'] === 'cross-site') {
    const home = `${basePath}/`;
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store', refresh: `0;url=${home}` });
    response.end(`<!doctype html><title>Plimsoll</title><a href="${home}">Continue to Plimsoll</a>`);
  } else {
    redirect(response, `${basePath}/`);
  }
  return signedIn.session;
}

/** Ends the session at the agent, and forgets it here even where the agent is away. */
export async function signOut(
  { agentSocket, basePath, cookie, address }: SigningIn,
  session: string | null,
  response: ServerResponse,
): Promise<void> {
  if (session !== null) {
    await requestAgent(agentSocket, { method: 'DELETE', path: '/v1/sessions', session, address }).catch(() => undefined);
  }
  response.setHeader('Set-Cookie', expiredCookie(cookie));
  redirect(response, `${basePath}/sign-in?problem=signed-out`);
}

/** By hand: zod lives in the bundles that Next builds, and this process runs from nothing but Next's own packages. */
function parseSession(body: unknown): Created | null {
  if (typeof body !== 'object' || body === null || !('session' in body) || !('expiresAt' in body)) return null;
  const { session, expiresAt } = body;
  if (!isSession(session) || typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) return null;
  return { session, expiresAt: new Date(expiresAt) };
}
