/** Cookies are shared by all ports of a host, and one machine may run several Plimsolls: the port keeps their sessions apart. */
export function sessionCookieName(port: number): string {
  return `plimsoll_session_${port}`;
}

/** Sessions are base64url or hex; anything else never was one, and must not reach a header. */
const SESSION = /^[A-Za-z0-9_-]{16,256}$/;

export function readSession(cookieHeader: string | undefined, name: string): string | null {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value !== undefined && SESSION.test(value.trim())) return value.trim();
  }
  return null;
}

export function isSession(value: unknown): value is string {
  return typeof value === 'string' && SESSION.test(value);
}

export function sessionCookie(name: string, session: string, expiresAt: Date): string {
  return `${name}=${session}; Path=/; HttpOnly; SameSite=Strict; Expires=${expiresAt.toUTCString()}`;
}

export function expiredSessionCookie(name: string): string {
  return sessionCookie(name, '', new Date(0));
}
