import { expect, it } from 'vitest';
import { expiredSessionCookie, readSession, sessionCookie, sessionCookieName } from './session-cookie.ts';

const name = sessionCookieName(7070);
const session = 'a'.repeat(43);

it('finds the session of its own port', () => {
  expect(readSession(`theme=dark; plimsoll_session_7071=${'b'.repeat(43)}; ${name}=${session}`, name)).toBe(session);
  expect(readSession(`plimsoll_session_7071=${session}`, name)).toBeNull();
  expect(readSession(undefined, name)).toBeNull();
});

it.each(['', 'short', `${session}\r\nX: y`, `${session} evil`, 'ü'.repeat(43), 'a'.repeat(300)])(
  'takes no %j for a session',
  (value) => {
    expect(readSession(`${name}=${value}`, name)).toBeNull();
  },
);

it('is out of reach of scripts and of other sites', () => {
  expect(sessionCookie(name, session, new Date(0))).toBe(
    `${name}=${session}; Path=/; HttpOnly; SameSite=Strict; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
  );
  expect(expiredSessionCookie(name)).toContain('Expires=Thu, 01 Jan 1970');
});
