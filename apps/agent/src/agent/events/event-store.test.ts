import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { EventQuery, matchesEvent, type EventFilter } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../database/open.ts';
import { EventLog } from './event-log.ts';
import { EventStore } from './event-store.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { MIGRATIONS } from './schema.ts';

const FOREVER = { ageMs: 8e15, rows: 1e9 };
const PAGE = 4096;
const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';

let directory: string;
let path: string;
let database: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-events-'));
  path = join(directory, 'events.db');
  database = openDatabase(path, MIGRATIONS, 'normal');
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(directory, { recursive: true });
});

const event = (given: Partial<NewEvent> = {}): NewEvent => newEvent({ kind: 'agent.started', subject: 'agent', ...given });
const query = (given: Partial<EventQuery> = {}): EventQuery => EventQuery.parse(given);

test('nothing that is in the log changes or goes, but what retention has given up', () => {
  const store = new EventStore(database, FOREVER, HOST);
  store.append({ events: [event(), event()], known: [] });
  expect(() => database.exec("UPDATE events SET who = 'somebody else'")).toThrow(/append-only/);
  expect(() => database.exec('DELETE FROM events')).toThrow(/append-only/);
  expect(() => database.exec('DELETE FROM events WHERE seq = 2')).toThrow(/append-only/);
  database.exec('UPDATE retention SET below = 2');
  expect(() => database.exec('UPDATE retention SET below = 0')).toThrow(/does not come back/);
  database.exec('DELETE FROM events WHERE seq = 1');
  expect(() => database.exec('DELETE FROM events WHERE seq = 2')).toThrow(/append-only/);
});

test('retention by age drops the oldest and leaves word of them', () => {
  const store = new EventStore(database, { ...FOREVER, ageMs: 1000 }, HOST);
  store.append({ events: [event({ at: 1000 }), event({ at: 1200 }), event({ at: 5000 }), event({ at: 1100 })], known: [] });
  // A clock that is not to be trusted.
  expect(store.trim(1e15, null)).toEqual([]);
  const [marker] = store.trim(5500);
  expect(marker).toMatchObject({
    seq: 5,
    kind: 'log.trimmed',
    detail: { dropped: 2, oldest: 1000, newest: 1200, first: 1, last: 2, droppedEver: 2 },
  });
  // The third is young enough, and what was written behind it stays with it.
  expect(store.list(query()).events.map(({ seq }) => seq)).toEqual([5, 4, 3]);
  expect(store.trim(5500)).toEqual([]);
  store.trim(100_000);
  expect(store.list(query()).events).toMatchObject([{ kind: 'log.trimmed', detail: { dropped: 3, droppedEver: 5 } }]);
});

test('retention by number comes by itself', () => {
  const store = new EventStore(database, { ...FOREVER, rows: 20 }, HOST);
  for (let i = 0; i < 60; i++) store.append({ events: [event()], known: [] });
  const { events } = store.list(query({ limit: 1000 }));
  expect(events.length).toBeLessThanOrEqual(23);
  expect(events.length).toBeGreaterThanOrEqual(20);
  const markers = events.filter(({ kind }) => kind === 'log.trimmed');
  expect(markers[0]?.detail['droppedEver']).toBe(events.at(-1)!.seq - 1);
});

test('what has the same mark goes in once, also through another opening', () => {
  const exited = event({ kind: 'container.exited', subject: 'container', once: 'aaaa 1 exited' });
  const store = new EventStore(database, FOREVER, HOST);
  expect(store.append({ events: [exited, exited], known: [['container aaaa', '{}']] })).toHaveLength(1);
  store.close();
  database = openDatabase(path, MIGRATIONS, 'normal');
  const next = new EventStore(database, FOREVER, HOST);
  expect(next.append({ events: [exited, event()], known: [] })).toMatchObject([{ seq: 2, kind: 'agent.started' }]);
  expect(next.known()).toEqual([['container aaaa', '{}']]);
});

test('a batch that fails leaves nothing, and no gap', () => {
  const store = new EventStore(database, FOREVER, HOST);
  const broken = { ...event(), kind: null as never };
  expect(() => store.append({ events: [event(), broken], known: [['agent', '{}']] })).toThrow(/NOT NULL/);
  expect(store.known()).toEqual([]);
  expect(store.append({ events: [event()], known: [] })).toMatchObject([{ seq: 1 }]);
});

test('filters say the same of what is stored and of what comes live', () => {
  const store = new EventStore(database, FOREVER, HOST);
  const web = { subject: 'container', id: 'aaaa000000000000', name: 'web', group: 'acme/web' } as const;
  const all = store.append({
    events: [
      event({ ...web, at: 10, kind: 'container.created' }),
      event({
        ...web,
        at: 20,
        kind: 'command',
        who: 'root',
        from: { over: 'socket', address: null },
        detail: { verb: 'container.freeze' },
      }),
      event({ at: 30, kind: 'command', who: 'session 1a2b3c4d', from: { over: 'web', address: '127.0.0.1' }, group: 'acme_web' }),
      event({ at: 40, kind: 'container.failed', error: { code: 'start-failed', message: '100 % Wrong' }, group: 'acme' }),
    ],
    known: [],
  });
  const filters: [EventFilter, number[]][] = [
    [{}, [4, 3, 2, 1]],
    [{ kinds: ['container'] }, [4, 1]],
    [{ kinds: ['container.created', 'command'] }, [3, 2, 1]],
    [{ kinds: [] }, []],
    [{ subjects: ['container'] }, [2, 1]],
    [{ subject: 'web' }, [2, 1]],
    [{ subject: 'aaaa000000000000' }, [2, 1]],
    [{ group: 'acme' }, [4, 2, 1]],
    [{ group: 'acme/web' }, [2, 1]],
    [{ who: 'session' }, [3]],
    [{ who: 'root' }, [2]],
    [{ from: 20, to: 30 }, [3, 2]],
    [{ text: '100 % w' }, [4]],
    [{ text: '%' }, [4]],
    [{ text: 'FREEZE' }, [2]],
    [{ text: '127.0' }, [3]],
    [{ text: '!' }, []],
  ];
  for (const [filter, seqs] of filters) {
    expect(
      store.list(query(filter)).events.map(({ seq }) => seq),
      JSON.stringify(filter),
    ).toEqual(seqs);
    const live = all.filter((one) => matchesEvent(filter, one)).map(({ seq }) => seq);
    expect(live.toReversed(), JSON.stringify(filter)).toEqual(seqs);
  }
  expect(store.list(query({ before: 4, after: 1, limit: 1 }))).toMatchObject({ events: [{ seq: 3 }], last: 4 });
});

test('a log in its thread: what was recorded before a question is in its answer, and told of once', async () => {
  await using log = await EventLog.open(join(directory, 'other.db'), FOREVER, HOST);
  const told: number[] = [];
  log.on('event', ({ seq }) => told.push(seq));
  for (let i = 0; i < 1200; i++) log.record([event({ detail: { i } })], [`thing ${i}`, { i }]);
  const { events, last } = await log.list(query({ limit: 1000 }));
  expect(last).toBe(1200);
  expect(events[0]?.detail).toEqual({ i: 1199 });
  expect(told).toEqual(Array.from({ length: 1200 }, (_, i) => i + 1));
  log.record([event()], ['thing 0', null]);
  await log[Symbol.asyncDispose]();
  await using again = await EventLog.open(join(directory, 'other.db'), FOREVER, HOST);
  expect(again.known('thing 0')).toBeUndefined();
  expect(again.known('thing 7')).toEqual({ i: 7 });
  expect((await again.list(query())).last).toBe(1201);
});

test('a damaged file is set aside, and that is the first event of the next', async () => {
  const damaged = join(directory, 'damaged.db');
  writeFileSync(damaged, 'this is no database at all, and long enough to be looked at as one'.repeat(100));
  await using log = await EventLog.open(damaged, FOREVER, HOST);
  const { events } = await log.list(query());
  expect(events).toMatchObject([{ kind: 'log.damaged' }]);
});

test('of a damaged log what can be read is in the next, with its numbers, and a damaged text keeps nothing else from being read', async () => {
  const before = await EventLog.open(join(directory, 'other.db'), FOREVER, HOST);
  for (let i = 0; i < 1000; i++) before.record([event({ detail: { i, text: 'x'.repeat(200) } })], [`thing ${i}`, { i }]);
  expect((await before.list(query({ limit: 1 }))).last).toBe(1000);
  await before[Symbol.asyncDispose]();
  const bytes = readFileSync(join(directory, 'other.db'));
  // A leaf of the table of events, by a text in its middle.
  const at = bytes.indexOf('{"i":500,');
  bytes.fill(0xa5, Math.floor(at / PAGE) * PAGE, Math.floor(at / PAGE) * PAGE + 16);
  bytes.write('[', bytes.indexOf('{"i":900,'));
  writeFileSync(join(directory, 'other.db'), bytes);

  await using log = await EventLog.open(join(directory, 'other.db'), FOREVER, HOST);
  const { events, last } = await log.list(query({ limit: 1000 }));
  expect(last).toBe(1001);
  expect(events[0]).toMatchObject({ seq: 1001, kind: 'log.damaged', host: HOST });
  expect(events.length).toBeGreaterThan(950);
  expect(events.find(({ seq }) => seq === 901)?.detail).toEqual({ damaged: expect.stringMatching(/^\[/) as string });
  expect(events.some(({ seq }) => seq === 501)).toBe(false);
  expect(log.known('thing 7')).toEqual({ i: 7 });
});
