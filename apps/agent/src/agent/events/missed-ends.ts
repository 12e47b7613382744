import type { ExitRecord, LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { SupervisorLink } from '../supervisor-link.ts';

const DEADLINE_MS = 30_000;
const RECORDS_AT_ONCE = 1000;

/** Incarnations of one container whose end the log does not have: from one on, and to which at least there was one. */
export interface Missed {
  from: number;
  to: number;
}

/**
 * The supervisor's exit records of what nobody saw end, by container id: those that the ledger has not acknowledged; and where they leave
 * out any, all that the journal still has. Throws `unavailable` without a supervisor.
 */
export async function missedEnds(
  supervisor: Pick<SupervisorLink, 'request'>,
  missed: ReadonlyMap<string, Missed>,
): Promise<Map<string, ExitRecord[]>> {
  const found = new Map<string, ExitRecord[]>();
  const take = (record: LedgerRecord): void => {
    if (record.kind !== 'exit' || record.incarnation < (missed.get(record.id)?.from ?? Infinity)) return;
    const ends = found.get(record.id) ?? [];
    if (!ends.some(({ incarnation }) => incarnation === record.incarnation)) found.set(record.id, [...ends, record]);
  };
  const isComplete = (): boolean => [...missed].every(([id, { from, to }]) => (found.get(id)?.length ?? 0) > to - from);
  for (const verb of ['ledgerRecords', 'pastRecords'] as const) {
    for (let after = 0; ;) {
      const records = await supervisor.request(verb, { after, most: RECORDS_AT_ONCE }, DEADLINE_MS);
      for (const record of records) take(record);
      const last = records.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    if (isComplete()) break;
  }
  return found;
}
