import { expect, test } from 'vitest';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import { missedEnds } from './missed-ends.ts';

const WEB = 'aaaa000000000000';
const end = (seq: number, id: string, incarnation: number) => ({ kind: 'exit', seq, id, incarnation }) as ExitRecord;

/** A supervisor with these records, two at a time; and which verbs it was sent. */
function supervisor(records: { ledgerRecords: ExitRecord[]; pastRecords: ExitRecord[] }) {
  const sent: string[] = [];
  const request = (verb: keyof typeof records, { after }: { after: number }) => {
    sent.push(verb);
    return Promise.resolve(records[verb].filter(({ seq }) => seq > after).slice(0, 2));
  };
  return { sent, request: request as never };
}

test('what the ledger has not acknowledged is enough where it has each end', async () => {
  const ledgerRecords = [end(1, WEB, 1), end(2, 'bbbb000000000000', 2), end(3, WEB, 2), end(4, WEB, 3)];
  const { sent, request } = supervisor({ ledgerRecords, pastRecords: [] });
  const found = await missedEnds({ request }, new Map([[WEB, { from: 2, to: 2 }]]));
  expect([...found]).toEqual([[WEB, [end(3, WEB, 2), end(4, WEB, 3)]]]);
  expect(new Set(sent)).toEqual(new Set(['ledgerRecords']));
});

test('an end that the ledger has acknowledged is found among all of the journal', async () => {
  const pastRecords = [end(1, WEB, 1), end(2, WEB, 2)];
  const { request } = supervisor({ ledgerRecords: [end(2, WEB, 2)], pastRecords });
  const found = await missedEnds({ request }, new Map([[WEB, { from: 1, to: 2 }]]));
  expect(
    found
      .get(WEB)
      ?.map(({ incarnation }) => incarnation)
      .toSorted(),
  ).toEqual([1, 2]);
});
