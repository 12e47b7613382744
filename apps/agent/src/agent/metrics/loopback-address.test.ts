import { expect, test } from 'vitest';
import { loopbackAddress } from './loopback-address.ts';

test.each([
  [undefined, null],
  ['', null],
  ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
  ['127.1.2.3:0', { host: '127.1.2.3', port: 0 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
])('%j', (text, address) => {
  expect(loopbackAddress('PLIMSOLL_METRICS', text)).toEqual(address);
});

test.each(['0.0.0.0:9090', '[::]:9090', '192.168.0.1:9090', '[::ffff:10.0.0.1]:9090', '128.0.0.1:1', '[fe80::1]:9090'])(
  '%s is refused: it can be reached from elsewhere',
  (text) => {
    expect(() => loopbackAddress('PLIMSOLL_METRICS', text)).toThrow(/^PLIMSOLL_METRICS is ".*": .* must be a loopback address$/);
  },
);

test.each([
  '9090',
  ':9090',
  'localhost:9090',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:9090/',
  '::1:9090',
  '127.1:80',
])('%s is refused: it is no address and port', (text) => {
  expect(() => loopbackAddress('PLIMSOLL_METRICS', text)).toThrow(/must be an address and a port$/);
});
