import { expect, it } from 'vitest';
import { readConfiguration } from './configuration.ts';

const read = (environment: Record<string, string>) =>
  readConfiguration({ NODE_ENV: 'production', PLIMSOLL_AGENT_SOCKET: '/run/plimsoll/web.sock', ...environment });

it('takes hosts as a browser sends them', () => {
  const hosts = 'plimsoll.example.org, Plimsoll.Example.org:8443,[::1]:8443, xn--bcher-kva.example';
  expect(read({ PLIMSOLL_HOSTS: hosts }).hosts).toEqual([
    'plimsoll.example.org',
    'plimsoll.example.org:8443',
    '[::1]:8443',
    'xn--bcher-kva.example',
  ]);
  expect(read({ PLIMSOLL_HOSTS: 'a.example:443, b.example:80, [::1]:443, c.example:4430' }).hosts).toEqual([
    'a.example',
    'b.example',
    '[::1]',
    'c.example:4430',
  ]);
  expect(read({}).hosts).toEqual([]);
});

it.each(['https://plimsoll.example.org', 'plimsoll.example.org/path', 'a b', 'user@host', 'bücher.example', '*', 'host:99999'])(
  'says what is wrong with the host "%s"',
  (host) => {
    expect(() => read({ PLIMSOLL_HOSTS: host })).toThrow(`PLIMSOLL_HOSTS has "${host}"`);
  },
);

it('says what is wrong with a proxy, a port or a user', () => {
  expect(() => read({ PLIMSOLL_PROXIES: 'nginx' })).toThrow('PLIMSOLL_PROXIES has "nginx"');
  expect(() => read({ PLIMSOLL_PORT: '70700' })).toThrow('PLIMSOLL_PORT is "70700"');
  expect(() => read({ PLIMSOLL_WEB_UID: 'www-data' })).toThrow('PLIMSOLL_WEB_UID is "www-data"');
});
