import { LedgerRecord } from '../../supervisor/ledger-record.ts';
import type { WorkerThread } from '../database/worker-thread.ts';
import type { MeterKey } from '../ledger/input.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import type { SupervisorLink } from '../supervisor-link.ts';

const RECORDS_AT_ONCE = 500;
const ANSWERED_WITHIN_MS = 30_000;

interface Parts {
  ledger: WorkerThread<LedgerMethods>;
  supervisor: SupervisorLink;
  /** Takes a record that the ledger lacks. */
  record: (record: LedgerRecord) => void;
  /** Resolves when all that was taken is durable. */
  settled: () => Promise<void>;
}

/**
 * Brings into the ledger what it lacks: records of meters that a damaged ledger did not have whole, and all that the supervisor's journal still
 * has, acknowledged or not, since the last time. A WAL that was damaged costs the last commits without any sign of it, how far this has come among
 * them. Safe to repeat.
 */
export async function recordPast({ ledger, supervisor, record, settled }: Parts): Promise<void> {
  for (const text of await ledger.call('toRecord')) {
    const parsed = LedgerRecord.safeParse(parseJson(text));
    if (parsed.success) record(parsed.data);
  }
  await settled();
  await ledger.call('recordedAnew');
  for (let after = await ledger.call('comparedUpTo'); ;) {
    const records = await supervisor.request('pastRecords', { after, most: RECORDS_AT_ONCE }, ANSWERED_WITHIN_MS);
    const last = records.at(-1);
    if (last === undefined) return;
    const haveEnded = await ledger.call('haveEnded', records.map(keyOf));
    for (const [i, one] of records.entries()) if (haveEnded[i] !== true) record(one);
    await settled();
    await ledger.call('setComparedUpTo', last.seq);
    after = last.seq;
  }
}

function keyOf(record: LedgerRecord): MeterKey {
  if (record.kind === 'group-end') return { kind: 'group', subject: record.id, life: record.life };
  return { kind: 'container', subject: record.id, life: String(record.incarnation) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
