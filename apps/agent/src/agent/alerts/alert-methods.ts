import { StoreFile } from '../database/store-file.ts';
import { AlertStore, type AlertBatch, type Loaded } from './alert-store.ts';
import type { Delivery } from './delivery.ts';
import type { StoredRule } from './stored-rule.ts';

/** What a worker thread does for alerts; openAlerts is to be the first. */
export function alertMethods() {
  let file: StoreFile<AlertStore> | undefined;
  const use = <R>(work: (store: AlertStore) => R): R => {
    if (file === undefined) throw new Error('the alerts are not open');
    return file.use(work);
  };
  return {
    openAlerts: (path: string): Loaded & { isNew: boolean } => {
      file = new StoreFile({
        path,
        open: (at) => new AlertStore(at),
        close: (store) => store.close(),
        carryOver: (store, damaged) => store.carryOver(damaged),
      });
      return { ...file.use((store) => store.load()), isNew: file.isNew };
    },
    saveAlertRule: (rule: StoredRule) => use((store) => store.saveRule(rule)),
    removeAlertRule: (id: string) => use((store) => store.removeRule(id)),
    recordAlerts: (batch: AlertBatch) => use((store) => store.record(batch)),
    delayDelivery: (delivery: Pick<Delivery, 'id' | 'attempts' | 'nextAt'>) => use((store) => store.delay(delivery)),
    settleDeliveries: (ids: readonly string[]) => use((store) => store.settle(ids)),
    closeAlerts: () => file?.close(),
  };
}
export type AlertMethods = ReturnType<typeof alertMethods>;
