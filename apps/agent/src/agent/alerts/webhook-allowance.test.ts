import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { whyInternal } from './internal-address.ts';
import { WebhookAllowance } from './webhook-allowance.ts';

const allowing = (text: string) => WebhookAllowance.parse('PLIMSOLL_WEBHOOK_ALLOW', text);
const forbidden = { code: 'forbidden', hint: expect.stringContaining('PLIMSOLL_WEBHOOK_ALLOW') as unknown };

const INTERNAL = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];
const OUTSIDE = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '172.32.0.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00::1',
];

test.each(INTERNAL)('%s is internal', (address) => expect(whyInternal(address)).not.toBeNull());
test.each(OUTSIDE)('%s is not', (address) => expect(whyInternal(address)).toBeNull());

test('every address of this host is internal', () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  expect(own.length).toBeGreaterThan(0);
  for (const { address } of own) expect(whyInternal(address), address).not.toBeNull();
});

describe('an address is refused however it is written', () => {
  const urls = [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'https://[::1]:8443/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/latest/meta-data',
    'http://①②⑦.0.0.1/',
  ];
  test.each(urls)('%s', (url) => expect(() => allowing('').check(url)).toThrow(expect.objectContaining(forbidden)));
});

test('a name that stands for an internal address is refused when it is looked up', async () => {
  await expect(allowing('').resolve('http://localhost:1/')).rejects.toMatchObject(forbidden);
  await expect(allowing('').resolve('http://LOCALHOST./')).rejects.toMatchObject(forbidden);
  await expect(allowing('').resolve('http://no-such-host.invalid/')).rejects.toMatchObject({ code: 'unavailable' });
});

test('what is allowed may be reached, and nothing beside it', async () => {
  expect(await allowing('LocalHost').resolve('http://localhost/')).toMatchObject({
    address: expect.stringMatching(/^(127\.|::1)/),
  });
  expect(await allowing('10.0.0.0/8, 127.0.0.1').resolve('http://127.0.0.1/')).toEqual({ address: '127.0.0.1', family: 4 });
  expect(await allowing('fd00::/8').resolve('http://[fd12::1]/')).toEqual({ address: 'fd12::1', family: 6 });
  await expect(allowing('127.0.0.1').resolve('http://127.0.0.2/')).rejects.toMatchObject(forbidden);
  await expect(allowing('localhost').resolve('http://127.0.0.1/')).rejects.toMatchObject(forbidden);
  await expect(allowing('10.0.0.0/8').resolve('http://[::1]/')).rejects.toMatchObject(forbidden);
  expect(await allowing('').resolve('https://8.8.8.8/')).toEqual({ address: '8.8.8.8', family: 4 });
});

test.each(['http://x', '10.0.0.0/33', '10.0.0/8', 'host:80', '::1/129', 'a b', '10.0.0.0/8/8', '*'])(
  '%s allows nothing',
  (text) => {
    expect(() => allowing(text)).toThrow(/PLIMSOLL_WEBHOOK_ALLOW: .* is neither a host nor a network/);
  },
);
