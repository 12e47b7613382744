import { connectAgent } from '../agent-connection.ts';
import { parseDuration, parseTime } from '../options/quantities.ts';
import { print, printJson } from '../reports/terminal.ts';
import { usageCsv, usageTable } from '../reports/usage-report.ts';
import { defineVerb, none, UsageError } from '../verb.ts';

const AGGREGATES = 'container, group, image or label:KEY';

export const usage = defineVerb({
  usage: '[options]',
  summary: 'tell what was used, exactly, by containers that are gone too',
  options: {
    by: { type: 'string', default: 'container' },
    from: { type: 'string', default: '24h' },
    to: { type: 'string', default: '0s' },
    step: { type: 'string' },
    container: { type: 'string' },
    group: { type: 'string' },
    image: { type: 'string' },
    label: { type: 'string', short: 'l' },
    json: { type: 'boolean', default: false },
    csv: { type: 'boolean', default: false },
  },
  optionHelp: {
    by: `a row for each ${AGGREGATES}`,
    from: 'from when on: 24h ago, a date, a time',
    to: 'until when',
    step: 'step by step: 1h, 1d',
    container: 'of one container alone, by name or id',
    group: 'of a group, and all below it',
    image: 'of one image',
    label: 'of what has a label: KEY, or KEY=value',
    json: 'exact figures as JSON: ns, bytes, byte-ms',
    csv: 'exact figures as CSV',
  },
  fields: {
    aggregate: ['by'],
    from: ['from'],
    to: ['to'],
    stepMs: ['step'],
    container: ['container'],
    group: ['group'],
    image: ['image'],
    label: ['label'],
  },
  examples: ['usage --by group --from 7d --step 1d', 'usage --by label:customer --csv'],
  async run({ by, from, to, step, container, group, image, label, json, csv }, positionals, context) {
    none(positionals);
    if (json && csv) throw new UsageError('give --json or --csv');
    const now = Date.now();
    const query = {
      from: new Date(parseTime(from, '--from', now)).toISOString(),
      to: new Date(parseTime(to, '--to', now)).toISOString(),
      aggregate: by,
      ...(step !== undefined && { stepMs: parseDuration(step, '--step') }),
      ...(container !== undefined && { container }),
      ...(group !== undefined && { group }),
      ...(image !== undefined && { image }),
      ...(label !== undefined && { label: parseLabel(label) }),
    };
    using client = connectAgent(context);
    const report = await client.command('usage.query', query);
    if (json) printJson(context, report);
    else print(context, csv ? usageCsv(report) : usageTable(report, context.stdout.columns));
    // A file of figures has no place for it.
    if (csv) for (const { message } of report.losses) context.stderr.write(`${message}\n`);
    return 0;
  },
});

export const ledgerVerify = defineVerb({
  usage: '[--json]',
  summary: 'recompute the whole ledger, and prove that nothing is missing from it',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const verdict = await client.command('ledger.verify', {});
    if (json) {
      printJson(context, verdict);
    } else {
      for (const problem of verdict.problems) print(context, problem);
      for (const { message } of verdict.losses) print(context, message);
      print(
        context,
        `${verdict.meters} meters, ${verdict.readings} readings: ${verdict.problems.length === 0 ? 'sound' : 'not sound'}`,
      );
    }
    return verdict.problems.length === 0 ? 0 : 1;
  },
});

function parseLabel(text: string): { key: string; value?: string } {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}
