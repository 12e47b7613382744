/** What a browser's session is kept by. */
export interface SessionCookie {
  name: string;
  path: string;
  isSecure: boolean;
}

/**
 * Cookies are shared by all ports of a host, and one machine may run several Plimsolls: the port keeps their sessions apart. Over TLS a
 * prefix keeps pages that came without it, and other hosts of the domain, from setting the cookie (RFC 6265bis, 4.1.3).
 */
export function sessionCookieOf(port: number, basePath: string, isSecure: boolean): SessionCookie {
  const prefix = !isSecure ? '' : basePath === '' ? '__Host-' : '__Secure-';
  return { name: `${prefix}plimsoll_session_${port}`, path: basePath === '' ? '/' : basePath, isSecure };
}

/** Sessions are base64url or hex; anything else never was one, and must not reach a header. */
const SESSION = /^[A-Za-z0-9_-]{16,256}$/;

export function readSession(cookieHeader: string | undefined, { name }: SessionCookie): string | null {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value !== undefined && SESSION.test(value.trim())) return value.trim();
  }
  return null;
}

export function isSession(value: unknown): value is string {
  return typeof value === 'string' && SESSION.test(value);
}

export function setCookie({ name, path, isSecure }: SessionCookie, session: string, expiresAt: Date): string {
  const attributes = [`Path=${path}`, 'HttpOnly', 'SameSite=Strict', ...(isSecure ? ['Secure'] : [])];
  return `${name}=${session}; ${attributes.join('; ')}; Expires=${expiresAt.toUTCString()}`;
}

export function expiredCookie(cookie: SessionCookie): string {
  return setCookie(cookie, '', new Date(0));
}
