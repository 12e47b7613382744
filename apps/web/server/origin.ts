import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** The Host headers that a request may carry: loopback with the port listened on, and what is configured beside it. */
export function allowedHosts(port: number, configured: readonly string[]): ReadonlySet<string> {
  const own = LOOPBACK_NAMES.map((name) => `${name}:${port}`);
  // A browser leaves the default port of http out of Host and Origin alike.
  const bare = port === 80 ? LOOPBACK_NAMES : [];
  return new Set([...own, ...bare, ...configured]);
}

export interface RequestFacts {
  method: string | undefined;
  headers: IncomingHttpHeaders;
  upgrade: boolean;
  isSecure: boolean;
}

/**
 * Why a request is refused, as a sentence, or null. The Host check stops DNS rebinding; the rest stops pages of other
 * origins, those on other ports of this machine among them, which SameSite cookies do not keep out (a site has no port).
 */
export function refusal({ method = 'GET', headers, upgrade, isSecure }: RequestFacts, hosts: ReadonlySet<string>): string | null {
  const host = headers.host?.toLowerCase();
  if (host === undefined || !hosts.has(host)) {
    return 'This server does not answer to that host name. List it in PLIMSOLL_HOSTS if it should.';
  }
  const fetchSite = headers['sec-fetch-site'];
  const sameOrigin = fetchSite === 'same-origin';
  if (headers.origin !== undefined) {
    // With Referrer-Policy no-referrer a form of our own is posted with "Origin: null" (fetch standard, 3.1).
    const ours = headers.origin === 'null' ? sameOrigin : originHost(headers.origin, isSecure) === host;
    return ours ? null : 'A page of another origin may not do this.';
  }
  // A browser states the origin of every WebSocket and of every request that changes something.
  if (upgrade || (method !== 'GET' && method !== 'HEAD')) return 'This needs an Origin header.';
  if (fetchSite === undefined || fetchSite === 'none' || sameOrigin) return null;
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    ? null
    : 'A page of another origin may link here, and nothing else.';
}

/** Over TLS a page that came without it is another origin: anybody on the way may have written it. */
function originHost(origin: string, isSecure: boolean): string | null {
  const scheme = isSecure ? /^https:/ : /^https?:/;
  return URL.canParse(origin) && scheme.test(origin) ? new URL(origin).host : null;
}
