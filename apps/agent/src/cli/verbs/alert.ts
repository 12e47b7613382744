import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { alertInWords, conditionInWords, type Alert, type AlertRuleView } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import { conditionFields, conditionHelp, conditionOptions, parseCondition } from '../options/alert-condition.ts';
import { formatAge } from '../options/quantities.ts';
import { table } from '../reports/table.ts';
import { print, printJson, safe } from '../reports/terminal.ts';
import { defineVerb, exactlyOne, none, UsageError } from '../verb.ts';
import { onEach } from './on-each.ts';

const RULES_NAMED = { what: 'one or more rules' };
const RULES = [
  { title: 'RULE', least: 12 },
  { title: 'WHEN', least: 16, drop: 2 },
  'STATE',
  { title: 'WEBHOOK', least: 8, drop: 1 },
];
const ALERTS = [
  'ALERT',
  { title: 'RULE', least: 12 },
  { title: 'ABOUT', least: 12 },
  { title: 'WHY', least: 12, drop: 1 },
  'SINCE',
];
/** The newest of those that are over. */
const SHOWN = 20;
const SECRET_BYTES = 32;

export const alertList = defineVerb({
  usage: '[--json]',
  summary: 'list alert rules, what fires, and what has fired',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'all of it as a JSON object' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const report = await client.command('alert.list', {});
    if (json) {
      printJson(context, report);
      return 0;
    }
    const width = context.stdout.columns;
    print(context, table(RULES, report.rules.map(ruleCells), width));
    const over = report.alerts.filter(({ until }) => until !== null).slice(0, SHOWN);
    const shown = [...report.alerts.filter(({ until }) => until === null), ...over];
    if (shown.length > 0) print(context, `\n${table(ALERTS, shown.map(alertCells), width)}`);
    return 0;
  },
});

export const alertCreate = defineVerb({
  usage: '[options] NAME',
  summary: 'make an alert rule: a figure over a threshold for a time, or events of a kind',
  options: {
    ...conditionOptions,
    webhook: { type: 'string' },
    'secret-file': { type: 'string' },
    off: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    ...conditionHelp,
    webhook: 'the address that each alert is posted to, signed, when it fires and when it is over',
    'secret-file': 'a file with the key of the signatures; without one a key is made, and shown once',
    off: 'switched off until somebody switches it on',
    json: 'the rule as a JSON object',
  },
  fields: { name: ['NAME'], ...conditionFields, 'webhook.url': ['webhook'], 'webhook.secret': ['secret-file'] },
  examples: [
    'alert create --metric memory-share --above 90% --for 5m nearly-full',
    'alert create --event incident.oom-kill --webhook https://example.com/hook out-of-memory',
  ],
  async run({ webhook: url, 'secret-file': secretFile, off, json, ...asked }, positionals, context) {
    const name = exactlyOne(positionals, 'the new rule');
    const when = parseCondition(asked);
    if (url === undefined && secretFile !== undefined) throw new UsageError('--secret-file is for a --webhook');
    const given = secretFile === undefined ? null : (await readFile(secretFile, 'utf8')).trim();
    const secret = given ?? randomBytes(SECRET_BYTES).toString('base64url');
    using client = connectAgent(context);
    const webhook = url === undefined ? null : { url, secret };
    const rule = await client.command('alert.create', { name, enabled: !off, when, webhook });
    const isNew = webhook !== null && given === null;
    if (json) {
      printJson(context, { ...rule, ...(isNew && { secret }) });
      return 0;
    }
    print(context, rule.name);
    if (isNew) print(context, `secret: ${secret}`);
    return 0;
  },
});

export const alertRemove = defineVerb({
  usage: 'RULE…',
  summary: 'remove alert rules, and what is still to be delivered of them',
  options: {},
  optionHelp: {},
  run: (_, rules, context) => onEach(context, rules, (client, rule) => client.command('alert.remove', { rule }), RULES_NAMED),
});

export const alertTest = defineVerb({
  usage: 'RULE',
  summary: 'post a test to the webhook of a rule, and show what came back',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    const rule = exactlyOne(positionals, 'one rule');
    using client = connectAgent(context);
    const answer = await client.command('alert.test', { rule });
    if (json) printJson(context, answer);
    else if (answer.delivered) print(context, `delivered: ${answer.status}`);
    else context.stderr.write(`not delivered: ${answer.problem}\n${answer.text === '' ? '' : `${safe(answer.text)}\n`}`);
    return answer.delivered ? 0 : 1;
  },
});

function ruleCells({ name, when, enabled, webhook }: AlertRuleView): string[] {
  const host = webhook === null ? '—' : new URL(webhook.url).host;
  const waiting = webhook === null || webhook.waiting === 0 ? '' : `, ${webhook.waiting} to be delivered`;
  return [name, conditionInWords(when), enabled ? 'on' : 'off', `${host}${waiting}`];
}

function alertCells(alert: Alert): string[] {
  const { ruleName, subject, since, until, ending } = alert;
  const state = until === null ? 'fires' : ending === 'moment' ? 'happened' : 'over';
  const about = subject.name ?? subject.id ?? subject.kind;
  return [state, ruleName, about, alertInWords(alert), formatAge(new Date(since).toISOString())];
}
