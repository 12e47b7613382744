import { describe, expect, it } from 'vitest';
import { allowedHosts, refusal } from './origin.ts';

const hosts = allowedHosts(7070, ['plimsoll.example.org']);
const host = '127.0.0.1:7070';
const get = (headers: Record<string, string>) =>
  refusal({ method: 'GET', headers: { host, ...headers }, upgrade: false, isSecure: false }, hosts);
const post = (headers: Record<string, string>) =>
  refusal({ method: 'POST', headers: { host, ...headers }, upgrade: false, isSecure: false }, hosts);
const upgrade = (headers: Record<string, string>) =>
  refusal({ method: 'GET', headers: { host, ...headers }, upgrade: true, isSecure: false }, hosts);

describe('Host', () => {
  it.each(['127.0.0.1:7070', 'localhost:7070', 'LOCALHOST:7070', '[::1]:7070', 'plimsoll.example.org'])('%s is ours', (name) => {
    expect(get({ host: name })).toBeNull();
  });
  it.each(['evil.example:7070', '127.0.0.1', '127.0.0.1:7071', 'localhost.evil.example:7070', '127.0.0.1:7070.evil.example', ''])(
    '"%s" is not',
    (name) => expect(get({ host: name })).toMatch(/host name/),
  );
  it('must be there', () =>
    expect(refusal({ method: 'GET', headers: {}, upgrade: false, isSecure: false }, hosts)).toMatch(/host name/));
  it('has no port on port 80', () => expect(allowedHosts(80, [])).toContain('localhost'));
});

describe('Origin', () => {
  it('must be the host', () => {
    expect(post({ origin: 'http://127.0.0.1:7070' })).toBeNull();
    expect(upgrade({ origin: 'http://127.0.0.1:7070' })).toBeNull();
    expect(post({ host: 'plimsoll.example.org', origin: 'https://plimsoll.example.org' })).toBeNull();
  });
  it.each(['http://localhost:7070', 'http://127.0.0.1:7071', 'http://evil.example', 'file://127.0.0.1:7070', 'nonsense', 'null'])(
    '%s is another',
    (origin) => {
      expect(get({ origin })).toMatch(/another origin/);
      expect(post({ origin })).toMatch(/another origin/);
      expect(upgrade({ origin })).toMatch(/another origin/);
    },
  );
  it('has TLS where the request has', () => {
    const secure = (origin: string) =>
      refusal({ method: 'POST', headers: { host, origin }, upgrade: false, isSecure: true }, hosts);
    expect(secure('https://127.0.0.1:7070')).toBeNull();
    expect(secure('http://127.0.0.1:7070')).toMatch(/another origin/);
  });
  it('must be stated where something changes, and for a WebSocket', () => {
    expect(post({})).toMatch(/Origin/);
    expect(upgrade({})).toMatch(/Origin/);
  });
  it('is "null" for a form of our own, since no referrer is sent', () => {
    expect(post({ origin: 'null', 'sec-fetch-site': 'same-origin' })).toBeNull();
    expect(post({ origin: 'null', 'sec-fetch-site': 'same-site' })).toMatch(/another origin/);
  });
});

describe('requests without Origin', () => {
  it.each([{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }])(
    '%o is let in',
    (headers) => {
      expect(get(headers as Record<string, string>)).toBeNull();
    },
  );
  it('lets other sites link here, and embed or fetch nothing', () => {
    expect(get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBeNull();
    expect(get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).not.toBeNull();
    expect(get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).not.toBeNull();
    // Another port of this machine is the same site, and gets the cookies.
    expect(get({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).not.toBeNull();
  });
});
