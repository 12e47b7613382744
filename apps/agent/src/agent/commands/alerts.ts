import { randomBytes } from 'node:crypto';
import { PlimsollError, type AlertRuleView, type Verb } from '@plimsoll/protocol';
import type { Alerting } from '../alerts/alerting.ts';
import { postWebhook } from '../alerts/post-webhook.ts';
import type { StoredRule } from '../alerts/stored-rule.ts';
import type { Handlers } from './dispatcher.ts';

type AlertHandlers = Pick<Handlers, Extract<Verb, `alert.${string}`>>;

const MOST_SHOWN = 200;

export function alertHandlers({ rules, alerts, deliveries, allowance }: Alerting): AlertHandlers {
  const view = ({ id, name, enabled, when, createdAt, webhook }: StoredRule): AlertRuleView => ({
    id,
    name,
    enabled,
    when,
    createdAt,
    webhook: webhook === null ? null : { url: webhook.url, ...deliveries.stateOf(id) },
  });
  return {
    'alert.list': () => {
      const all = alerts.all;
      const over = all.filter(({ until }) => until !== null).slice(0, MOST_SHOWN);
      const shown = new Set(over);
      return { rules: rules.all.map(view), alerts: all.filter((alert) => alert.until === null || shown.has(alert)) };
    },
    'alert.create': async (request) => view(await rules.create(request)),
    'alert.update': async (change) => view(await rules.update(change)),
    'alert.remove': async ({ rule }) => {
      await rules.remove(rule);
      return {};
    },
    'alert.test': async ({ rule: ref }) => {
      const { id: rule, name, webhook } = rules.resolve(ref);
      if (webhook === null) throw new PlimsollError('wrong-state', `the rule "${name}" has no webhook`);
      const id = `${randomBytes(8).toString('hex')}-test`;
      const body = JSON.stringify({
        type: 'alert.test',
        delivery: id,
        words: `a test of the rule "${name}"`,
        rule,
        ruleName: name,
      });
      const answer = await postWebhook(webhook, { id, body }, allowance);
      deliveries.noteAnswer(rule, answer);
      return answer;
    },
    'alert.acknowledge': async ({ alerts: ids }) => {
      await alerts.acknowledge(ids);
      return {};
    },
  };
}
