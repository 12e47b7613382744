import { availableParallelism } from 'node:os';
import type { GroupBalance, LedgerLoss, Usage, UsageQuery, UsageReport } from '@plimsoll/protocol';
import type { WorkerThread } from '../database/worker-thread.ts';
import { sum, zero, type Totals } from '../ledger/quantities.ts';
import type { Loss } from '../ledger/ledger.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import type { Aggregate, GroupBalance as Balance } from '../ledger/usage.ts';
import { kindOf } from '../stores/store-kinds.ts';
import type { Handlers } from './dispatcher.ts';

export interface UsageParts {
  ledger: WorkerThread<LedgerMethods>;
  /** Its id. */
  host: string;
  /** Resolves when the ledger has a fresh reading of all that runs. */
  readAll: () => Promise<void>;
}

const NS_PER_MS = 1_000_000n;

export function usageHandlers({ ledger, host, readAll }: UsageParts): Pick<Handlers, 'usage.query' | 'ledger.verify'> {
  return {
    'usage.query': async (query) => {
      await readAll();
      const { aggregate, container, group, image, label } = query;
      const filter = { container, group, image, label };
      const told = await ledger.call('usage', {
        boundariesMs: boundaries(query),
        aggregate: aggregate as Aggregate,
        ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
      });
      const isWholeHost = Object.values(filter).every((value) => value === undefined);
      const steps = told.steps.map(({ fromMs, toMs, rows }): UsageReport['steps'][number] => {
        const total = rows.reduce((all, { totals }) => sum(all, totals), zero());
        return {
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          rows: rows.map(({ key, name, totals, containers, running }) => ({
            ...{ key, name, usage: toUsage(totals), incarnations: containers, running },
          })),
          total: toUsage(total),
          idleCpuNs: isWholeHost ? idle(fromMs, toMs, total) : null,
        };
      });
      const losses = (await ledger.call('losses')).filter(({ atMs }) => atMs > Date.parse(query.from));
      return { hostId: host, losses: losses.map(toLoss), steps, groups: told.groups.map(toBalance) };
    },
    'ledger.verify': async () => {
      await readAll();
      const { groups, ...verdict } = await ledger.call('verify');
      return { ...verdict, losses: (await ledger.call('losses')).map(toLoss), groups: groups.map(toBalance) };
    },
  };
}

function toLoss({ atMs, problem }: Loss): LedgerLoss {
  const at = new Date(atMs).toISOString();
  return { at, problem, message: `the ledger was ${problem} at ${at}: ${kindOf('ledger.db')[problem]}` };
}

/** The last step is as long as is left. */
function boundaries({ from, to, stepMs }: UsageQuery): number[] {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  if (stepMs === undefined) return [fromMs, toMs];
  const steps = Math.ceil((toMs - fromMs) / stepMs);
  return [...Array.from({ length: steps }, (_, i) => fromMs + i * stepMs), toMs];
}

function idle(fromMs: number, toMs: number, { cpuNs }: Totals): string {
  const passedMs = Math.max(0, Math.min(toMs, Date.now()) - fromMs);
  const capacity = BigInt(passedMs) * BigInt(availableParallelism()) * NS_PER_MS;
  return String(capacity > cpuNs ? capacity - cpuNs : 0n);
}

function toUsage(totals: Totals): Usage {
  const digits = (value: bigint | null) => (value === null ? null : String(value));
  return {
    cpuNs: String(totals.cpuNs),
    cpuReservedNs: String(totals.cpuReservedNs),
    memoryByteMs: String(totals.memoryKibMs * 1024n),
    memoryLeastByteMs: digits(inBytes(totals.memoryLeastKibMs)),
    memoryMostByteMs: digits(inBytes(totals.memoryMostKibMs)),
    memoryReservedByteMs: String(totals.memoryReservedKibMs * 1024n),
    ioReadBytes: digits(totals.ioReadBytes),
    ioWriteBytes: digits(totals.ioWriteBytes),
    ioReadOps: digits(totals.ioReadOps),
    ioWriteOps: digits(totals.ioWriteOps),
    netReceivedBytes: digits(totals.netReceivedBytes),
    netSentBytes: digits(totals.netSentBytes),
    elapsedMs: String(totals.elapsedMs),
    frozenMs: String(totals.frozenMs),
    estimatedMs: String(totals.estimatedMs),
  };
}

function inBytes(kib: bigint | null): bigint | null {
  return kib === null ? null : kib * 1024n;
}

function toBalance({ group, counted, attributed }: Balance): GroupBalance {
  return {
    group,
    cpuNs: String(counted.cpuNs),
    attributedCpuNs: String(attributed.cpuNs),
    unattributedCpuNs: String(counted.cpuNs - attributed.cpuNs),
  };
}
