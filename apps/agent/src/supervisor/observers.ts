import { attempt } from '@plimsoll/core/guarded';
import type { Incident } from '@plimsoll/protocol';
import type { LedgerRecord } from './ledger-record.ts';
import type { ContainerRecord, GroupRecord } from './protocol.ts';

/** Receives every change: a record, or the id or path of what was removed. */
export interface Observer {
  container(record: ContainerRecord): void;
  removed(id: string): void;
  group(record: GroupRecord): void;
  groupRemoved(path: string): void;
  incident(incident: Incident): void;
  ledgerRecord(record: LedgerRecord): void;
}

/** Those who are subscribed. An error of one reaches neither the others nor the verb that caused the change. */
export class Observers {
  readonly #all = new Set<Observer>();

  get size(): number {
    return this.#all.size;
  }

  add(observer: Observer): void {
    this.#all.add(observer);
  }

  delete(observer: Observer): void {
    this.#all.delete(observer);
  }

  /** `report` is called with each observer. */
  report(report: (observer: Observer) => void): void {
    for (const observer of this.#all) attempt('a subscriber of the supervisor', () => report(observer));
  }
}
