import { PlimsollError, type GroupView } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { connectAgent } from '../agent-connection.ts';
import {
  describeLimits,
  limitFields,
  limitHelp,
  limitOptions,
  needsPresentMemory,
  NONE_HELP,
  parseLimits,
  parseLimitsChange,
} from '../options/limit-options.ts';
import { printAnswers } from '../reports/print-answers.ts';
import { formatAge } from '../options/quantities.ts';
import { table } from '../reports/table.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, exactlyOne, none, UsageError } from '../verb.ts';
import { onEach } from './on-each.ts';

const GROUPS = { what: 'one or more groups' };
const COLUMNS = [
  { title: 'GROUP', least: 16, isPath: true },
  { title: 'NAME', least: 8, drop: 2 },
  'RUNNING',
  { title: 'STATE', least: 10 },
  { title: 'LIMITS', least: 12, drop: 1 },
];

export const groupList = defineVerb({
  usage: '[--json]',
  summary: 'list groups',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON array' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const groups = await client.command('group.list', {});
    if (json) {
      printJson(
        context,
        groups.map(({ handle: _handle, ...kept }) => kept),
      );
      return 0;
    }
    const containers = await client.command('container.list', {});
    const rows = groups.map((group) => {
      const members = containers.filter(({ group: path }) => path === group.path || path.startsWith(`${group.path}/`));
      const running = members.filter(({ state }) => 'pid' in state).length;
      return [
        group.path,
        group.displayName ?? '',
        `${running} of ${members.length}`,
        describeState(group),
        describeLimits(group.limits),
      ];
    });
    print(context, table(COLUMNS, rows, context.stdout.columns));
    return 0;
  },
});

export const groupCreate = defineVerb({
  usage: '[options] GROUP',
  summary: 'make a group, with limits for all that is in it',
  options: { ...limitOptions, name: { type: 'string' } },
  optionHelp: { ...limitHelp, name: 'what people call it' },
  fields: { group: ['GROUP'], displayName: ['name'], ...limitFields },
  examples: ['group create --cpus 2 -m 1g --name "Acme Corp" acme'],
  async run({ name, ...values }, positionals, context) {
    const group = exactlyOne(positionals, 'one group');
    const limits = parseLimits(values);
    using client = connectAgent(context);
    const view = await client.command('group.create', { group, limits, ...(name !== undefined && { displayName: name }) });
    print(context, view.path);
    return 0;
  },
});

export const groupSet = defineVerb({
  usage: '[options] GROUP',
  summary: `change the name and the limits of a group. ${NONE_HELP}`,
  options: { ...limitOptions, name: { type: 'string' }, json: { type: 'boolean', default: false } },
  optionHelp: {
    ...limitHelp,
    name: 'what people call it; empty: no name',
    json: 'the group and what the kernel says now, as JSON',
  },
  fields: { group: ['GROUP'], displayName: ['name'], ...limitFields },
  examples: ['group set --cpus 1.5 --io /dev/sda:wbps=10m acme'],
  async run({ name, json, ...values }, positionals, context) {
    const group = exactlyOne(positionals, 'one group');
    using client = connectAgent(context);
    const limits = parseLimitsChange(values, needsPresentMemory(values) ? await memoryOf(client, group) : undefined);
    if (Object.keys(limits).length === 0 && name === undefined) throw new UsageError('say what to change');
    const displayName = name === '' ? null : name;
    const answer = await client.command('group.set', { group, limits, ...(displayName !== undefined && { displayName }) });
    if (json) printJson(context, answer);
    else printAnswers(context, group, answer.kernel);
    return 0;
  },
});

export const groupFreeze = defineVerb({
  usage: 'GROUP…',
  summary: 'hold every process of a group still, and what joins it',
  options: {},
  optionHelp: {},
  run: (_, groups, context) => onEach(context, groups, (client, group) => client.command('group.freeze', { group }), GROUPS),
});

export const groupThaw = defineVerb({
  usage: 'GROUP…',
  summary: 'let a frozen group go on',
  options: {},
  optionHelp: {},
  run: (_, groups, context) =>
    onEach(
      context,
      groups,
      async (client, group) => {
        const { frozenBy } = await client.command('group.thaw', { group });
        if (frozenBy !== null) context.stderr.write(`${group} stays frozen: it is in group ${frozenBy}, which is frozen\n`);
      },
      GROUPS,
    ),
});

export const groupKill = defineVerb({
  usage: 'GROUP…',
  summary: 'kill every process of a group at once',
  options: {},
  optionHelp: {},
  run: (_, groups, context) => onEach(context, groups, (client, group) => client.command('group.kill', { group }), GROUPS),
});

export const groupRemove = defineVerb({
  usage: '[--force] GROUP…',
  summary: 'remove empty groups',
  options: { force: { type: 'boolean', short: 'f', default: false } },
  optionHelp: { force: 'kill and remove all that is in them, too' },
  run: ({ force }, groups, context) => {
    let before: ReadonlySet<string> | undefined;
    const remove = async (client: AgentRequests, group: string): Promise<void> => {
      before ??= new Set((await client.command('group.list', {})).map(({ path }) => path));
      try {
        await client.command('group.remove', { group, force });
      } catch (error) {
        // `group rm acme/web acme`: one that nobody keeps goes with the last that is in it.
        const isGone = error instanceof PlimsollError && error.code === 'not-found' && before.has(group);
        if (!isGone) throw error;
      }
    };
    return onEach(context, groups, remove, { ...GROUPS, atOnce: 1 });
  },
});

/** Its present limit. */
async function memoryOf(client: AgentRequests, group: string): Promise<number | undefined> {
  return (await client.command('group.list', {})).find(({ path }) => path === group)?.limits.memoryBytes;
}

function describeState({ frozenAt, frozenBy }: GroupView): string {
  if (frozenAt !== null) return `frozen ${formatAge(frozenAt)}`;
  return frozenBy === null ? 'active' : `frozen by ${frozenBy}`;
}
