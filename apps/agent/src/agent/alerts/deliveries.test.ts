import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAlertRule } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog } from '../events/event-log.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { postWebhook } from './post-webhook.ts';
import { Rules } from './rules.ts';
import { WebhookAllowance } from './webhook-allowance.ts';

const NOT_TAKEN = { delivered: false, status: 500, problem: 'it answered 500', text: '', tookMs: 1 };
const DAY_MS = 86_400_000;

const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';

let directory: string;
let events: EventLog;
let rules: Rules;
let rule: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plim-deliveries-'));
  events = await EventLog.open(join(directory, 'events.db'), { ageMs: DAY_MS, rows: 10_000 }, HOST);
  await events.thread.call('openAlerts', join(directory, 'alerts.db'));
  rules = new Rules(events.thread, WebhookAllowance.parse('', ''), []);
  const webhook = { url: 'https://example.com/', secret: '0123456789abcdef' };
  const request = { name: 'busy', when: { kind: 'event', events: ['container'] }, webhook };
  rule = (await rules.create(CreateAlertRule.parse(request))).id;
});
afterEach(async () => {
  await events[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const delivery = (id: string, more: Partial<Delivery> = {}): Delivery => {
  const now = Date.now();
  return { id, rule, madeAt: now, attempts: 0, nextAt: now, body: '{}', ...more };
};
const undelivered = async () =>
  (await events.list({ kinds: ['alert.undelivered'], limit: 1000 })).events.map(({ detail }) => detail);

test('what nobody took for a day is given up, and the log says so', async () => {
  const posted = Promise.withResolvers<void>();
  const post = async () => {
    posted.resolve();
    return await Promise.resolve(NOT_TAKEN);
  };
  const old = delivery('old-fired', { madeAt: Date.now() - DAY_MS, attempts: 30 });
  using deliveries = new Deliveries({ thread: events.thread, rules, events, post }, [old]);
  await posted.promise;
  await expect.poll(() => deliveries.stateOf(rule).waiting).toBe(0);
  expect(deliveries.stateOf(rule).last).toMatchObject({ delivered: false, problem: 'it answered 500' });
  expect(await undelivered()).toMatchObject([{ delivery: 'old-fired', attempts: 31, problem: 'it answered 500' }]);
});

test('of one rule a hundred wait at the most, and one is tried at a time; without the rule none', async () => {
  let underWay = 0;
  const post = async () => {
    underWay += 1;
    return await new Promise<never>(() => {});
  };
  using deliveries = new Deliveries({ thread: events.thread, rules, events, post }, []);
  deliveries.add(Array.from({ length: 103 }, (_, i) => delivery(`${i}-fired`)));
  expect(deliveries.stateOf(rule).waiting).toBe(100);
  expect(underWay).toBe(1);
  expect((await undelivered()).map(({ delivery: id }) => id).toReversed()).toEqual(['0-fired', '1-fired', '2-fired']);
  await rules.remove(rule);
  expect(deliveries.stateOf(rule)).toEqual({ waiting: 0, last: null });
});

test('a connection goes to the address that was checked, whatever the name stands for by then', async () => {
  const seen = Promise.withResolvers<IncomingHttpHeaders>();
  const server = createServer((request, response) => {
    seen.resolve(request.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://no-such-host.invalid:${port}/`;
  const checked = {
    resolve: async () => await Promise.resolve({ address: '127.0.0.1', family: 4 }),
  } as unknown as WebhookAllowance;
  const answer = await postWebhook({ url, secret: '0123456789abcdef' }, delivery('1-fired'), checked);
  expect(answer).toMatchObject({ delivered: true, status: 200 });
  expect((await seen.promise).host).toBe(`no-such-host.invalid:${port}`);
  server.close();
});
