import { openOrSetAside } from '../database/set-aside.ts';
import { AlertStore, type AlertBatch, type Loaded } from './alert-store.ts';
import type { Delivery } from './delivery.ts';
import type { StoredRule } from './stored-rule.ts';

/** What a worker thread does for alerts; openAlerts is to be the first. */
export function alertMethods() {
  let store: AlertStore | undefined;
  const opened = (): AlertStore => {
    if (store === undefined) throw new Error('the alerts are not open');
    return store;
  };
  return {
    /** `kept`: where a damaged file was put, if it was one. */
    openAlerts: (path: string): Loaded & { kept: string | null } => {
      const { opened: made, kept } = openOrSetAside(path, () => new AlertStore(path));
      store = made;
      return { ...made.load(), kept };
    },
    saveAlertRule: (rule: StoredRule) => opened().saveRule(rule),
    removeAlertRule: (id: string) => opened().removeRule(id),
    recordAlerts: (batch: AlertBatch) => opened().record(batch),
    delayDelivery: (delivery: Pick<Delivery, 'id' | 'attempts' | 'nextAt'>) => opened().delay(delivery),
    settleDeliveries: (ids: readonly string[]) => opened().settle(ids),
    closeAlerts: () => store?.close(),
  };
}
export type AlertMethods = ReturnType<typeof alertMethods>;
