import type { ContainerIsolation } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import { describeIsolation, describeMount, describeSeen, withWhom } from '../reports/isolation-report.ts';
import { table } from '../reports/table.ts';
import { print, printJson, sheet } from '../reports/terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

const MOUNTS = [
  { title: 'MOUNTED AT', least: 16 },
  'TYPE',
  { title: 'SOURCE', least: 8, drop: 2 },
  { title: 'OPTIONS', least: 8 },
  { title: 'PROPAGATION', drop: 1 },
];

export const isolation = defineVerb({
  usage: '[--json] CONTAINER',
  summary: 'show what isolates a running container, as the kernel has it now, and what it sees of the host',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    using client = connectAgent(context);
    const answer = await client.command('container.isolation', { container });
    if (json) printJson(context, answer);
    else print(context, describe(answer, context.stdout.columns));
    return 0;
  },
});

function describe(answer: ContainerIsolation, width: number | undefined): string {
  const { namespaces, limits, mounts, sees } = answer;
  const rows = {
    namespaces: namespaces.map((namespace) => [namespace.type, String(namespace.inode), withWhom(namespace)]),
    limits: limits.map(({ name, soft, hard, unit }) => [name, soft ?? 'unlimited', hard ?? 'unlimited', unit]),
  };
  return [
    sheet(describeIsolation(answer)),
    table(['NAMESPACE', 'INODE', { title: 'SHARED WITH', least: 12 }], rows.namespaces, width),
    table(['WHAT', { title: 'THE CONTAINER SEES', least: 12 }, { title: 'THE HOST SEES', least: 12 }], describeSeen(sees), width),
    table(['LIMIT', 'SOFT', 'HARD', 'UNIT'], rows.limits, width),
    table(MOUNTS, mounts.map(describeMount), width),
  ].join('\n\n');
}
