import { EVENTS, type EventPage, type LoggedEvent } from '@plimsoll/protocol';
import { expect, test, vi } from 'vitest';
import type { AgentConnection } from './connection.ts';
import { EventFeed } from './event-feed.ts';

vi.stubGlobal('requestAnimationFrame', () => 0);

const event = (seq: number, kind = 'container.started'): LoggedEvent => ({
  seq,
  at: seq,
  kind,
  subject: 'container',
  id: 'a',
  name: 'web',
  group: null,
  who: null,
  from: null,
  detail: {},
  error: null,
});

/** A log, and a connection to it that can be broken. */
class Log {
  readonly events: LoggedEvent[] = [];
  connect: () => void = () => undefined;
  tell: (event: unknown) => void = () => undefined;
  isConnected = true;

  readonly connection = {
    request: async () => await Promise.resolve({ ok: true }),
    command: async (_: string, { before = Infinity, limit, kinds }: { before?: number; limit: number; kinds?: string[] }) => {
      const found = this.events.filter(({ seq, kind }) => seq < before && (kinds?.includes(kind) ?? true)).toReversed();
      return await Promise.resolve<EventPage>({ events: found.slice(0, limit), last: this.events.at(-1)?.seq ?? 0 });
    },
    onConnect: (listener: () => void) => {
      this.connect = listener;
      listener();
      return () => undefined;
    },
    onEvent: (name: string, listener: (event: unknown) => void) => {
      if (name === EVENTS.event) this.tell = listener;
      return () => undefined;
    },
    send: () => undefined,
  } as unknown as AgentConnection;

  add(count: number, kind?: string): void {
    for (let i = 0; i < count; i++) {
      const added = event(this.events.length + 1, kind);
      this.events.push(added);
      if (this.isConnected) this.tell(added);
    }
  }
}

const seqs = (feed: EventFeed) => feed.events?.map(({ seq }) => seq);
const downFrom = (first: number, last = 1) => Array.from({ length: first - last + 1 }, (_, i) => first - i);
const settled = async () => await new Promise((resolve) => setImmediate(resolve));

async function open(before: number) {
  const log = new Log();
  log.add(before);
  const feed = new EventFeed(log.connection, null);
  feed.show({});
  feed.follow();
  await settled();
  return { log, feed };
}

test('the newest on top as they come, and as far back as is asked for', async () => {
  const { log, feed } = await open(150);
  expect(seqs(feed)).toEqual(downFrom(150, 51));
  log.add(2);
  expect(seqs(feed)).toEqual(downFrom(152, 51));
  await feed.older();
  expect(seqs(feed)).toEqual(downFrom(152));
  expect(feed.hasOlder).toBe(false);
  expect(await feed.all(1000)).toHaveLength(152);
  expect(await feed.all(7)).toHaveLength(7);
});

test('who reads further down is told how many have come, and sees them when back', async () => {
  const { log, feed } = await open(3);
  feed.hold(true);
  log.add(2);
  expect(seqs(feed)).toEqual([3, 2, 1]);
  expect(feed.heldBack).toBe(2);
  log.isConnected = false;
  log.add(2);
  log.connect();
  await settled();
  expect(feed.heldBack).toBe(4);
  expect(seqs(feed)).toEqual([3, 2, 1]);
  feed.hold(false);
  expect(seqs(feed)).toEqual(downFrom(7));
});

test('nothing is missed or doubled over a reconnect, and too much is asked for anew', async () => {
  const { log, feed } = await open(150);
  await feed.older();
  log.isConnected = false;
  log.add(98);
  log.connect();
  log.isConnected = true;
  log.add(1);
  await settled();
  expect(seqs(feed)).toEqual(downFrom(249));
  log.isConnected = false;
  log.add(500);
  log.connect();
  await settled();
  expect(seqs(feed)).toEqual(downFrom(749, 650));
  expect(feed.hasOlder).toBe(true);
});

test('a filter holds for what comes, too', async () => {
  const { log, feed } = await open(3);
  feed.show({ kinds: ['command'] });
  await settled();
  log.add(1, 'command');
  log.add(1);
  expect(seqs(feed)).toEqual([4]);
});
