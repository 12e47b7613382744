import { expect, test } from 'vitest';
import type { LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { WorkerThread } from '../database/worker-thread.ts';
import { MINUTE, Subject } from '../ledger/ledger.fixture.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { recordPast } from './past-records.ts';

const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';

test('records that the ledger was compared with once are not read again', async () => {
  using ledger = new Ledger(':memory:', HOST);
  const methods: Partial<LedgerMethods> = {
    toRecord: () => ledger.toRecord,
    recordedAnew: () => ledger.recordedAnew(),
    haveEnded: (keys) => ledger.haveEnded(keys),
    comparedUpTo: () => ledger.comparedUpTo,
    setComparedUpTo: (seq) => void (ledger.comparedUpTo = seq),
  };
  const call = async (method: keyof LedgerMethods, ...args: never[]): Promise<unknown> =>
    await (methods[method] as (...args: never[]) => unknown)(...args);
  const records = [1, 2, 3].map((seq) => ({ kind: 'exit', seq, id: String(seq), incarnation: 1 }) as LedgerRecord);
  const asked: number[] = [];
  const request = async (_verb: string, { after }: { after: number }): Promise<LedgerRecord[]> => {
    asked.push(after);
    return await Promise.resolve(records.filter(({ seq }) => seq > after).slice(0, 2));
  };
  const recorded: string[] = [];
  const compare = async (): Promise<void> =>
    await recordPast({
      ledger: { call } as unknown as WorkerThread<LedgerMethods>,
      supervisor: { request } as unknown as SupervisorLink,
      record: ({ id }) => recorded.push(id),
      settled: async () => await Promise.resolve(),
    });
  ledger.record({ readings: [], ends: [new Subject('2').end(MINUTE, 1)] });
  await compare();
  expect(asked.splice(0)).toEqual([0, 2, 3]);
  expect(recorded.splice(0)).toEqual(['1', '3']);
  records.push({ ...records[0], seq: 4, id: '4' } as LedgerRecord);
  await compare();
  expect(asked).toEqual([3, 4]);
  expect(recorded).toEqual(['4']);
});
