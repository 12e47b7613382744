import { alertInWords, type Alert } from '@plimsoll/protocol';
import { newEvent, type NewEvent } from '../events/new-event.ts';
import type { Delivery } from './delivery.ts';
import type { StoredRule } from './stored-rule.ts';

/** What the log has of an alert, once however often it is told. */
export function eventOfAlert(kind: 'alert.fired' | 'alert.resolved', alert: Alert): NewEvent {
  const { id, rule, ruleName, subject, cause, since, until, ending } = alert;
  const about = {
    rule,
    about: nameOf(alert),
    of: { ...subject },
    why: alertInWords({ ...alert, count: 1 }),
    cause: { ...cause },
  };
  const over = kind === 'alert.fired' || until === null ? {} : { ending, lastedMs: until - since };
  return newEvent({
    kind,
    subject: 'alert',
    id,
    name: ruleName,
    group: subject.group,
    at: kind === 'alert.fired' ? since : (until ?? since),
    detail: { ...about, ...over },
    once: `alert ${id} ${kind}`,
  });
}

export function eventOfUndelivered({ id, attempts }: Delivery, rule: StoredRule, problem: string): NewEvent {
  return newEvent({
    kind: 'alert.undelivered',
    subject: 'alert',
    id: id.split('-', 1)[0] ?? id,
    name: rule.name,
    detail: { rule: rule.id, delivery: id, attempts, problem },
    once: `undelivered ${id}`,
  });
}

/** What it is about. */
function nameOf({ subject: { kind, id, name } }: Alert): string {
  return name ?? id ?? kind;
}
