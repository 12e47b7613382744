import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseProxies, settleClient } from './client.ts';

function settled(
  remoteAddress: string | undefined,
  headers: Record<string, string>,
  proxies = '127.0.0.1, 10.0.0.0/8, fd00::/8',
) {
  const request = { headers: { host: 'plimsoll.internal', ...headers }, socket: { remoteAddress } } as unknown as IncomingMessage;
  const client = settleClient(request, parseProxies('PLIMSOLL_PROXIES', proxies));
  return { ...client, headers: request.headers };
}

describe('the address', () => {
  it.each([
    ['of the connection', '192.0.2.1', undefined, '192.0.2.1'],
    ['of the connection, where its peer is no trusted proxy', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['that the proxy says', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['that the proxy says over IPv6', '::ffff:127.0.0.1', '2001:db8::9', '2001:db8::9'],
    ['without a port', '127.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['without brackets', '127.0.0.1', '[2001:db8::9]:4711', '2001:db8::9'],
    ['past further proxies', '127.0.0.1', '203.0.113.9, 10.1.2.3, fd00::1', '203.0.113.9'],
    ['of the last that is not trusted, whatever that one has sent', '127.0.0.1', '8.8.8.8, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['of the first proxy, where all are', '127.0.0.1', '10.1.2.3', '10.1.2.3'],
    ['of the proxy that passed nonsense on', '127.0.0.1', 'nonsense, 10.1.2.3', '10.1.2.3'],
    ['of the proxy that says "unknown"', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['of the proxy that says nothing', '127.0.0.1', ' , ', '127.0.0.1'],
  ])('%s', (_, peer, forwarded, expected) => {
    expect(settled(peer, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }).address).toBe(expected);
  });
  it('is not known of a connection that has ended', () => {
    expect(settled(undefined, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' })).toMatchObject({
      address: undefined,
      isSecure: false,
    });
  });
});

describe('host and protocol', () => {
  it.each([
    ['127.0.0.1', { 'x-forwarded-proto': 'https' }, true, 'plimsoll.internal'],
    ['127.0.0.1', { 'x-forwarded-proto': 'http, HTTPS' }, true, 'plimsoll.internal'],
    ['127.0.0.1', { 'x-forwarded-proto': 'https, http' }, false, 'plimsoll.internal'],
    ['127.0.0.1', { 'x-forwarded-host': 'plimsoll.example' }, false, 'plimsoll.internal'],
    ['192.0.2.1', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'plimsoll.example' }, false, 'plimsoll.internal'],
  ])('of %s with %o', (peer, headers, isSecure, host) => {
    expect(settled(peer, headers as Record<string, string>)).toMatchObject({ isSecure, headers: { host } });
  });
  it('nothing that is forwarded stays', () => {
    const headers = {
      'x-forwarded-for': '1.1.1.1',
      'x-forwarded-host': 'h',
      'x-forwarded-proto': 'https',
      forwarded: 'for=1.1.1.1',
    };
    for (const peer of ['127.0.0.1', '192.0.2.1']) {
      expect(Object.keys(settled(peer, { ...headers, 'x-real-ip': '1.1.1.1', 'x-forwarded-port': '443' }).headers)).toEqual([
        'host',
      ]);
    }
  });
});

it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '10.0.0.0/-1', '10.0.0.0/x', '*'])(
  'no proxy is "%s"',
  (entry) => {
    expect(() => parseProxies('PLIMSOLL_PROXIES', `127.0.0.1,${entry}`)).toThrow(`PLIMSOLL_PROXIES has "${entry}"`);
  },
);
