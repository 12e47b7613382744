import type { LoggedEvent } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { eventsAsCsv, eventsAsJson } from './event-export.ts';

const event = (given: Partial<LoggedEvent>): LoggedEvent => ({
  seq: 7,
  at: Date.parse('2026-11-25T10:00:00.123Z'),
  kind: 'container.started',
  subject: 'container',
  id: 'aaaa000000000000',
  name: 'web',
  group: 'acme',
  who: null,
  from: null,
  detail: { incarnation: 1 },
  error: null,
  host: '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90',
  ...given,
});

test('a row an event', () => {
  expect(eventsAsCsv([event({})]).split('\r\n')).toEqual([
    'seq,at,kind,subject,id,name,group,who,over,address,result,what,detail,host',
    '7,2026-11-25T10:00:00.123Z,container.started,container,aaaa000000000000,web,acme,,,,ok,started,"{""incarnation"":1}",3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90',
    '',
  ]);
});

test('no cell is a formula, and none breaks its row', () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '=a,"b"\n'];
  for (const text of texts) {
    const csv = eventsAsCsv([event({ name: text, error: { code: 'internal', message: text } })]);
    const shown = csv.slice(csv.indexOf('aaaa000000000000,') + 17);
    expect(shown.replace(/^"/, ''), JSON.stringify(text)).toMatch(/^'/);
  }
  expect(eventsAsCsv([event({ name: '=a,"b"\n' })])).toContain(`,"'=a,""b""\n",`);
});

test('JSON with times that a person can read', () => {
  expect(JSON.parse(eventsAsJson([event({})]))).toMatchObject([
    { seq: 7, at: '2026-11-25T10:00:00.123Z', detail: { incarnation: 1 } },
  ]);
});
