import { expect, it } from 'vitest';
import { requestHeaders, responseHeaders } from './proxy-headers.ts';

it('replaces what a browser says of itself by the session', () => {
  const incoming = {
    host: 'localhost:7070',
    origin: 'http://localhost:7070',
    cookie: 'plimsoll_session_7070=secret',
    authorization: 'Bearer stolen',
    'x-forwarded-for': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
    'content-type': 'text/plain',
    'content-length': '4',
  };
  expect(requestHeaders(incoming, { session: 'abc', address: '127.0.0.1' }, false)).toEqual({
    host: 'localhost:7070',
    origin: 'http://localhost:7070',
    'content-type': 'text/plain',
    'content-length': '4',
    authorization: 'Bearer abc',
    'x-forwarded-for': '127.0.0.1',
  });
});

it('passes nothing on that belongs to one connection', () => {
  const incoming = {
    host: 'h',
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    'proxy-authorization': 'Basic x',
  };
  expect(requestHeaders(incoming, { session: 'abc', address: undefined }, false)).toEqual({
    host: 'h',
    authorization: 'Bearer abc',
  });
});

it('keeps an upgrade an upgrade, to a WebSocket alone', () => {
  const incoming = { host: 'h', connection: 'Upgrade', upgrade: 'h2c', 'sec-websocket-key': 'k', 'sec-websocket-version': '13' };
  expect(requestHeaders(incoming, { session: 'abc', address: undefined }, true)).toEqual({
    host: 'h',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'k',
    'sec-websocket-version': '13',
    authorization: 'Bearer abc',
  });
});

it('lets the agent set no cookies', () => {
  expect(responseHeaders({ 'content-type': 'text/plain', 'set-cookie': ['a=b'], connection: 'close' })).toEqual({
    'content-type': 'text/plain',
  });
});
