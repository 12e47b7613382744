import { randomBytes } from 'node:crypto';
import { alertInWords, type Alert } from '@plimsoll/protocol';
import { deliveryOf, type Delivery } from './delivery.ts';
import type { StoredRule } from './stored-rule.ts';

type Given = Pick<Alert, 'subject' | 'cause' | 'since'> & Partial<Alert>;

/** One that a rule has just found. */
export function newAlert({ id: rule, name: ruleName }: StoredRule, given: Given): Alert {
  const nothing = { until: null, ending: null, count: 1, acknowledgedAt: null };
  return { id: randomBytes(8).toString('hex'), rule, ruleName, ...nothing, ...given };
}

/** To the rule's webhook, where it has one. */
export function deliveriesOf(rule: StoredRule, occasion: 'alert.fired' | 'alert.resolved', alert: Alert): Delivery[] {
  return rule.webhook === null ? [] : [deliveryOf(occasion, alert, alertInWords(alert))];
}
