import { workerData } from 'node:worker_threads';
import { StoreFile } from '../database/store-file.ts';
import { serveMethods } from '../database/worker.ts';
import type { Batch, MeterKey } from './input.ts';
import { Ledger } from './ledger.ts';
import type { Retention } from './roll-up.ts';
import type { UsageAsked } from './usage.ts';

export interface LedgerThreadData {
  path: string;
  /** The host's id. */
  host: string;
}

const { path, host } = workerData as LedgerThreadData;
const file = new StoreFile({
  path,
  open: (at) => new Ledger(at, host),
  close: (ledger) => ledger[Symbol.dispose](),
  carryOver: (ledger, damaged) => ledger.carryOver(damaged),
});

const methods = {
  isNew: () => file.isNew,
  record: (batch: Batch) => file.use((ledger) => ledger.record(batch)),
  endGroupsOfOtherBoots: (bootId: string) => file.use((ledger) => ledger.endGroupsOfOtherBoots(bootId)),
  rollUp: (nowMs: number, retention: Retention | null) => file.use((ledger) => ledger.rollUp(nowMs, retention)),
  usage: (asked: UsageAsked) => file.use((ledger) => ledger.usage(asked)),
  verify: () => file.use((ledger) => ledger.verify()),
  losses: () => file.use((ledger) => ledger.losses),
  noteMissing: (atMs: number) => file.use((ledger) => ledger.noteLoss({ atMs, problem: 'missing' }, null)),
  haveEnded: (keys: readonly MeterKey[]) => file.use((ledger) => ledger.haveEnded(keys)),
  toRecord: () => file.use((ledger) => ledger.toRecord),
  recordedAnew: () => file.use((ledger) => ledger.recordedAnew()),
  comparedUpTo: () => file.use((ledger) => ledger.comparedUpTo),
  setComparedUpTo: (seq: number) => file.use((ledger) => void (ledger.comparedUpTo = seq)),
  close: () => file.close(),
};
export type LedgerMethods = typeof methods;

serveMethods(methods);
