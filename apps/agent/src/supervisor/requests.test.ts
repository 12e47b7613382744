import { PlimsollError } from '@plimsoll/protocol';
import { beforeEach, expect, test } from 'vitest';
import { compact } from './compact.fixture.ts';
import type { JournalEntry } from './journal-entry.ts';
import { Requests, type Effect } from './requests.ts';

const DIGEST = 'd'.repeat(32);
const KEY = { id: 'one', digest: DIGEST };
const SUBJECT = { subject: 'a'.repeat(16), incarnation: 1 };

let entries: JournalEntry[];
let now: number;
/** What an interrupted request is found to have come to. */
let effect: Effect | undefined;
let executed: number;

beforeEach(() => {
  entries = [];
  now = Date.parse('2026-01-31T12:00:00.000Z');
  effect = undefined;
  executed = 0;
});

function table(): Requests {
  return new Requests({
    journal: { note: (entry) => void entries.push(structuredClone(entry)) },
    effects: { of: () => effect, present: ({ subject }) => ({ present: subject }), undo: async () => {} },
    failure: (error) => (error instanceof PlimsollError ? error : new PlimsollError('internal', String(error))),
    now: () => now,
  });
}

const execute = async (): Promise<{ times: number }> => ({ times: ++executed });

/** A table of the supervisor after this one, which was killed. */
async function next(): Promise<Requests> {
  const requests = table();
  await requests.recover(compact(entries, now));
  return requests;
}

test('a command that comes again is answered as the first time, also when it comes while that is under way', async () => {
  const requests = table();
  const answers = await Promise.all([
    requests.once(KEY, 'killGroup', SUBJECT, execute),
    requests.once(KEY, 'killGroup', SUBJECT, execute),
  ]);
  answers.push(await requests.once(KEY, 'killGroup', SUBJECT, execute));
  expect(answers).toEqual([{ times: 1 }, { times: 1 }, { times: 1 }]);
});

test('an error is repeated as well', async () => {
  const requests = table();
  const fail = async (): Promise<never> => {
    executed++;
    throw new PlimsollError('wrong-state', 'it runs');
  };
  for (let i = 0; i < 2; i++) {
    await expect(requests.once(KEY, 'remove', SUBJECT, fail)).rejects.toMatchObject({ code: 'wrong-state', message: 'it runs' });
  }
  await expect((await next()).once(KEY, 'remove', SUBJECT, fail)).rejects.toMatchObject({ code: 'wrong-state' });
  expect(executed).toBe(1);
});

test('the same id with another command is refused', async () => {
  const requests = table();
  await requests.once(KEY, 'kill', SUBJECT, execute);
  const other = requests.once({ ...KEY, digest: 'e'.repeat(32) }, 'kill', SUBJECT, execute);
  await expect(other).rejects.toMatchObject({ code: 'conflict' });
  await expect(requests.once(KEY, 'stop', SUBJECT, execute)).rejects.toMatchObject({ code: 'conflict' });
  expect(executed).toBe(1);
});

test('after ten minutes a request is forgotten, in the journal too', async () => {
  const requests = table();
  await requests.once(KEY, 'kill', SUBJECT, execute);
  now += 599_000;
  await requests.once(KEY, 'kill', SUBJECT, execute);
  expect(executed).toBe(1);
  now += 2000;
  expect(compact(entries, now)).toEqual([]);
  await requests.once(KEY, 'kill', SUBJECT, execute);
  expect(executed).toBe(2);
});

test('the next supervisor knows the answers of the one before', async () => {
  await table().once(KEY, 'killGroup', SUBJECT, execute);
  expect(await (await next()).once(KEY, 'killGroup', SUBJECT, execute)).toEqual({ times: 1 });
  expect(executed).toBe(1);
});

test('of an answer that is the record of a container the journal has none, and the next supervisor answers with the present one', async () => {
  await table().once(KEY, 'kill', SUBJECT, execute);
  expect(JSON.stringify(entries)).not.toContain('times');
  expect(await (await next()).once(KEY, 'kill', SUBJECT, execute)).toEqual({ present: SUBJECT.subject });
});

test('a request that a killed supervisor left is executed again, unless it took effect', async () => {
  const never = new Promise<never>(() => {});
  void table().once(KEY, 'run', SUBJECT, async () => await never);
  expect(await (await next()).once(KEY, 'run', SUBJECT, execute)).toEqual({ times: 1 });

  entries = entries.filter(({ kind }) => kind === 'request');
  effect = { answer: { effect: true } };
  expect(await (await next()).once(KEY, 'run', SUBJECT, execute)).toEqual({ effect: true });
  expect(executed).toBe(1);
});

test('a request that the next supervisor carries out already is joined, and comes out as that does', async () => {
  const never = new Promise<never>(() => {});
  void table().once(KEY, 'restart', SUBJECT, async () => await never);
  const underWay = Promise.withResolvers<unknown>();
  effect = { joins: underWay.promise };
  const requests = await next();
  const answers = [requests.once(KEY, 'restart', SUBJECT, execute), requests.once(KEY, 'restart', SUBJECT, execute)];
  underWay.resolve({ joined: true });
  expect(await Promise.all(answers)).toEqual([{ joined: true }, { joined: true }]);

  entries = entries.filter(({ kind }) => kind === 'request');
  effect = { joins: Promise.reject(new PlimsollError('start-failed', 'it did not start')) };
  await expect((await next()).once(KEY, 'restart', SUBJECT, execute)).rejects.toMatchObject({ code: 'start-failed' });
  expect(executed).toBe(0);
});

test('what became of a request can be looked up', async () => {
  const requests = table();
  expect(await requests.outcome(KEY)).toBeUndefined();
  await requests.once(KEY, 'remove', SUBJECT, execute);
  expect(await requests.outcome(KEY)).toEqual({ verb: 'remove', answer: { times: 1 } });
});

test('a full disk costs the memory of requests, and not the commands', async () => {
  const requests = new Requests({
    journal: {
      note: () => {
        throw new Error('ENOSPC');
      },
    },
    effects: { of: () => effect, present: () => ({}), undo: async () => {} },
    failure: (error) => new PlimsollError('internal', String(error)),
  });
  expect(await requests.once(KEY, 'kill', SUBJECT, execute)).toEqual({ times: 1 });
});

test('whole answers are kept of the newest alone', async () => {
  const requests = table();
  for (let i = 0; i < 600; i++) await requests.once({ ...KEY, id: String(i) }, 'killGroup', SUBJECT, execute);
  expect(await requests.once({ ...KEY, id: '599' }, 'killGroup', SUBJECT, execute)).toEqual({ times: 600 });
  expect(await requests.once({ ...KEY, id: '0' }, 'killGroup', SUBJECT, execute)).toEqual({ present: SUBJECT.subject });
  expect(executed).toBe(600);
});
