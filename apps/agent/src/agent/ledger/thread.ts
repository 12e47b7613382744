import { workerData } from 'node:worker_threads';
import { serveMethods } from '../database/worker.ts';
import type { Batch } from './input.ts';
import { Ledger } from './ledger.ts';
import type { Retention } from './roll-up.ts';
import type { UsageAsked } from './usage.ts';

const ledger = new Ledger(workerData as string);

const methods = {
  record: (batch: Batch) => ledger.record(batch),
  endGroupsOfOtherBoots: (bootId: string) => ledger.endGroupsOfOtherBoots(bootId),
  rollUp: (nowMs: number, retention: Retention | null) => ledger.rollUp(nowMs, retention),
  usage: (asked: UsageAsked) => ledger.usage(asked),
  verify: () => ledger.verify(),
  close: () => ledger[Symbol.dispose](),
};
export type LedgerMethods = typeof methods;

serveMethods(methods);
