import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PlimsollError } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { listenForScrapes } from './listener.ts';

const ANY = { host: '127.0.0.1', port: 0 };
const METRICS = 'used_total 1\n';

interface Asked {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
}

async function ask(url: string, { path = '/metrics', method = 'GET', headers = {} }: Asked = {}) {
  const sent = request(new URL(path, url), { method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part as string;
  return { status: response.statusCode, type: response.headers['content-type'], text };
}

test('answers a scrape in the text format', async () => {
  await using listener = await listenForScrapes(ANY, async () => METRICS);
  const expected = { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: METRICS };
  expect(await ask(listener.url)).toEqual(expected);
  const { port } = new URL(listener.url);
  expect(await ask(listener.url, { path: '/metrics?a=b', headers: { host: `LOCALHOST:${port}` } })).toEqual(expected);
});

test.each<[string, Asked, number]>([
  ['a name that was rebound to loopback', { headers: { host: 'evil.example' } }, 403],
  ['another port', { headers: { host: '127.0.0.1:1' } }, 403],
  ['a page of another origin', { headers: { origin: 'http://evil.example' } }, 403],
  ['another path', { path: '/v1/command' }, 404],
  ['the root', { path: '/' }, 404],
  ['POST', { method: 'POST' }, 405],
  ['OPTIONS', { method: 'OPTIONS' }, 405],
])('refuses %s', async (_what, asked, status) => {
  await using listener = await listenForScrapes(ANY, async () => METRICS);
  const answer = await ask(listener.url, asked);
  expect(answer.status).toBe(status);
  expect(answer.text).not.toContain(METRICS);
});

test('says what is the matter where there is nothing to tell', async () => {
  await using listener = await listenForScrapes(ANY, async () => {
    throw new PlimsollError('unavailable', 'the supervisor is not there');
  });
  expect(await ask(listener.url)).toMatchObject({ status: 503, text: 'the supervisor is not there\n' });
});

test('says that its port is taken, and gives it up when it ends', async () => {
  const holder = createServer().listen(ANY);
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const metrics = async () => METRICS;
  await expect(listenForScrapes({ ...ANY, port }, metrics)).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  holder.close();
  await once(holder, 'close');
  await using again = await listenForScrapes({ ...ANY, port }, metrics);
  expect((await ask(again.url)).status).toBe(200);
});

test('listens on IPv6 loopback too, where the host has it', async ({ skip }) => {
  if (!Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === '::1'))) {
    return skip('this host has no IPv6 loopback');
  }
  await using listener = await listenForScrapes({ host: '::1', port: 0 }, async () => METRICS);
  expect(listener.url).toMatch(/^http:\/\/\[::1\]:\d+\/metrics$/);
  expect((await ask(listener.url)).status).toBe(200);
});
