import { join } from 'node:path';
import { Alert } from '@plimsoll/protocol';
import type { z } from 'zod';
import type { EventLog } from '../events/event-log.ts';
import { log } from '../log.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { Alerts } from './alerts.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { EventWatch } from './event-watch.ts';
import { endAlert, MetricWatch } from './metric-watch.ts';
import { postWebhook, type Webhook } from './post-webhook.ts';
import { Rules } from './rules.ts';
import { StoredRule } from './stored-rule.ts';
import type { WebhookAllowance } from './webhook-allowance.ts';

interface AlertingParts {
  /** Directory of the database. */
  lib: string;
  events: EventLog;
  registry: Registry;
  sampler: Sampler;
  sampleMs: number;
  allowance: WebhookAllowance;
}

/** Rules, what they have found, and who is to be told of it. */
export interface Alerting extends AsyncDisposable {
  rules: Rules;
  alerts: Alerts;
  deliveries: Deliveries;
  /** Whether there was no store of them before. */
  isNew: boolean;
  allowance: WebhookAllowance;
}

/** Goes on where the agent before ended, however it did. To be disposed of before the log is. */
export async function startAlerting({ lib, events, allowance, ...sources }: AlertingParts): Promise<Alerting> {
  await using owned = new AsyncDisposableStack();
  const { thread } = events;
  const { isNew, ...loaded } = await thread.call('openAlerts', join(lib, 'alerts.db')).catch((error: unknown) => {
    log('error', 'the alert rules cannot be read: none is in force', { error });
    return { rules: [], alerts: [], deliveries: [], seen: Number.MAX_SAFE_INTEGER, isNew: false };
  });
  const rules = new Rules(thread, allowance, understood(StoredRule, loaded.rules));
  const alerts = owned.use(new Alerts(thread, events, understood(Alert, loaded.alerts)));
  const post = (webhook: Webhook, delivery: Delivery) => postWebhook(webhook, delivery, allowance);
  const deliveries = owned.use(new Deliveries({ thread, rules, events, post }, loaded.deliveries));
  alerts.on('deliveries', (made) => deliveries.add(made));
  const end = ({ id }: { id: string }): void => {
    for (const alert of alerts.firing) if (alert.rule === id) endAlert(alert, 'rule', alerts, rules);
  };
  rules.on('void', end);
  rules.on('removed', end);
  owned.use(new MetricWatch({ rules, alerts, ...sources }));
  const watch = owned.use(new EventWatch({ rules, alerts, events }));
  await watch.catchUp(Math.min(loaded.seen, await newestOf(events)));
  const parts = owned.move();
  return { rules, alerts, deliveries, isNew, allowance, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** Of a log that has lost its newest events, or all, the numbers begin again. */
async function newestOf(events: EventLog): Promise<number> {
  return await events.list({ limit: 1 }).then(
    ({ last }) => last,
    () => 0,
  );
}

/** What a version does not understand, it leaves in the file and does without. */
function understood<T>(schema: z.ZodType<T>, values: readonly string[]): T[] {
  return values.flatMap((value) => {
    const parsed = schema.safeParse(parseJson(value));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
