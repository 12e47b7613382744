import { expect, it } from 'vitest';
import { expiredCookie, readSession, sessionCookieOf, setCookie } from './session-cookie.ts';

const plain = sessionCookieOf(7070, '', false);
const { name } = plain;
const session = 'a'.repeat(43);

it('finds the session of its own port', () => {
  expect(readSession(`theme=dark; plimsoll_session_7071=${'b'.repeat(43)}; ${name}=${session}`, plain)).toBe(session);
  expect(readSession(`plimsoll_session_7071=${session}`, plain)).toBeNull();
  expect(readSession(undefined, plain)).toBeNull();
});

it.each(['', 'short', `${session}\r\nX: y`, `${session} evil`, 'ü'.repeat(43), 'a'.repeat(300), `local.${session}`])(
  'takes no %j for a session',
  (value) => {
    expect(readSession(`${name}=${value}`, plain)).toBeNull();
  },
);

it('is out of reach of scripts and of other sites', () => {
  expect(setCookie(plain, session, new Date(0))).toBe(
    `plimsoll_session_7070=${session}; Path=/; HttpOnly; SameSite=Strict; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
  );
  expect(expiredCookie(plain)).toContain('Expires=Thu, 01 Jan 1970');
});

it('is for TLS alone where it came by TLS, and for the base path alone', () => {
  const attributes = (basePath: string) => setCookie(sessionCookieOf(7070, basePath, true), session, new Date(0));
  expect(attributes('')).toMatch(/^__Host-plimsoll_session_7070=a+; Path=\/; HttpOnly; SameSite=Strict; Secure; /);
  expect(attributes('/a/b')).toMatch(/^__Secure-plimsoll_session_7070=a+; Path=\/a\/b; HttpOnly; SameSite=Strict; Secure; /);
  // A page without TLS can set the plain one.
  expect(readSession(`${name}=${session}`, sessionCookieOf(7070, '', true))).toBeNull();
});
