import type { ContainerProcess } from '@plimsoll/protocol';
import { cpuTime, inWords } from '@plimsoll/protocol/quantities';
import { connectAgent } from '../agent-connection.ts';
import { formatAge, formatBytes } from '../options/quantities.ts';
import { table } from '../reports/table.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

const COLUMNS = [
  'PID',
  { title: 'PPID', drop: 2 },
  { title: 'INSIDE', drop: 3 },
  { title: 'USER', drop: 4 },
  'STATE',
  { title: 'AGE', drop: 1 },
  'CPU',
  'MEMORY',
  { title: 'COMMAND', least: 12 },
];

export const top = defineVerb({
  usage: '[--json] CONTAINER',
  summary: 'list the processes of a container, as the host sees them',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON array' },
  async run({ json }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    using client = connectAgent(context);
    const { processes, total } = await client.command('container.top', { container });
    if (json) printJson(context, processes);
    else print(context, table(COLUMNS, processes.map(cells), context.stdout.columns));
    if (total > processes.length) context.stderr.write(`the first ${processes.length} of ${total} processes\n`);
    return 0;
  },
});

function cells({
  pid,
  ppid,
  containerPid,
  uid,
  containerUid,
  state,
  startedAt,
  cpuNs,
  rssBytes,
  name,
  command,
}: ContainerProcess) {
  return [
    String(pid),
    String(ppid),
    String(containerPid),
    containerUid === null ? String(uid) : `${uid} (${containerUid})`,
    state,
    formatAge(startedAt),
    inWords(cpuTime(Number(cpuNs))),
    formatBytes(rssBytes),
    // As ps shows what has no arguments: a zombie, or a thread of the kernel.
    command === '' ? `[${name}]` : command,
  ];
}
