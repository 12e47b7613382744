import type { ContainerView } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import { parseFilters } from '../options/container-filter.ts';
import { parseFormat } from '../reports/container-format.ts';
import { describeState, flatten } from '../reports/container-report.ts';
import { table } from '../reports/table.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, none, UsageError } from '../verb.ts';

const COLUMNS = [
  'ID',
  { title: 'NAME', least: 8 },
  'STATE',
  { title: 'GROUP', least: 8, drop: 3, isPath: true },
  { title: 'IMAGE', least: 8, drop: 2 },
  { title: 'COMMAND', least: 8, drop: 1 },
];

export const ps = defineVerb({
  usage: '[options]',
  summary: 'list containers, ended ones too',
  options: {
    running: { type: 'boolean', short: 'r', default: false },
    filter: { type: 'string', short: 'f', multiple: true, default: [] },
    quiet: { type: 'boolean', short: 'q', default: false },
    format: { type: 'string' },
    json: { type: 'boolean', default: false },
    'no-trunc': { type: 'boolean', default: false },
    all: { type: 'boolean', short: 'a', default: false },
  },
  optionHelp: {
    running: 'only those with a living process',
    filter: 'only those with name=…, id=…, status=…, label=…, group=…, image=… or exited=CODE; any number of times',
    quiet: 'ids only',
    format: 'a template, "{{.ID}} {{.Names}}", a table of one, "table {{.ID}}\\t{{.Status}}", or json for an object a line',
    json: 'as a JSON array',
    'no-trunc': 'lines as long as they are, also on a terminal',
    all: 'all of them, which is what it does anyway',
  },
  examples: ['ps --filter group=acme --filter status=running', "ps --format 'table {{.Names}}\\t{{.Status}}\\t{{.Labels}}'"],
  async run({ running, filter, quiet, format, json, 'no-trunc': isWhole }, positionals, context) {
    none(positionals);
    const isWanted = parseFilters(filter);
    const ways = [quiet, json, format !== undefined].filter(Boolean);
    if (ways.length > 1) throw new UsageError('give one of --quiet, --format and --json');
    const write = format === undefined ? null : parseFormat(format);
    using client = connectAgent(context);
    const all = await client.command('container.list', {});
    const views = all.filter((view) => (!running || 'pid' in view.state) && isWanted(view));
    const width = isWhole ? undefined : context.stdout.columns;
    if (json) {
      printJson(context, views.map(flatten));
    } else if (quiet) {
      for (const { id } of views) print(context, id);
    } else if (write !== null) {
      for (const line of write(views)) print(context, line);
    } else {
      print(context, table(COLUMNS, views.map(cells), width));
    }
    return 0;
  },
});

function cells({ id, name, state, group, image, command }: ContainerView): string[] {
  return [id, name, describeState(state), group, image, command.join(' ')];
}
