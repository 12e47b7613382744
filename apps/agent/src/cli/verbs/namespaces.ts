import { namespaceMatrix, sharingOf, type HostNamespace, type HostNamespaces, type NamespaceMatrix } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import { widthOf } from '../reports/display-width.ts';
import { describeSharing } from '../reports/isolation-report.ts';
import { table } from '../reports/table.ts';
import { print, printJson, sheet } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

const COLUMNS = ['NAMESPACE', 'TYPE', 'PROCESSES', 'PID', { title: 'COMMAND', least: 8, drop: 1 }, { title: 'OF', least: 8 }];

export const namespaces = defineVerb({
  usage: '[--all] [--json]',
  summary: "show each container's namespaces beside the host's, and with whom each is shared",
  options: { all: { type: 'boolean', short: 'a', default: false }, json: { type: 'boolean', default: false } },
  optionHelp: {
    all: 'a line for every namespace of the host, whoever is in it, as lsns has it',
    json: 'every namespace of the host, as a JSON object',
  },
  async run({ all, json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const answer = await client.command('kernel.namespaces', {});
    const width = context.stdout.columns;
    if (json) printJson(context, answer);
    else print(context, all ? list(answer.namespaces, width) : draw(namespaceMatrix(answer), width));
    const note = passedOver(answer);
    if (note !== null && !json) context.stderr.write(`${note}\n`);
    return 0;
  },
});

function list(every: readonly HostNamespace[], width: number | undefined): string {
  const rows = every.map(({ type, inode, processes, first, containers, isHost }) => [
    String(inode),
    type,
    String(processes),
    String(first.pid),
    first.name,
    [...(isHost ? ['the host'] : []), ...containers.map(({ name }) => name)].join(', '),
  ]);
  return table(COLUMNS, rows, width);
}

/** A row for each container; where the terminal is too narrow for that, a paragraph. */
function draw(matrix: NamespaceMatrix, width: number | undefined): string {
  const paragraphs = rowsOf(matrix);
  const wide = table(
    ['CONTAINER', ...matrix.types.map((type) => type.toUpperCase())],
    paragraphs.map(({ name, cells }) => [name, ...cells]),
    undefined,
  );
  if (width === undefined || !wide.split('\n').some((line) => widthOf(line) > width)) return wide;
  return paragraphs
    .map(({ name, cells }) => sheet([['container', name], ...matrix.types.map((type, i) => [type, cells[i] ?? ''] as const)]))
    .join('\n\n');
}

/** The host first, whose name no container can have. */
function rowsOf({ types, host, rows }: NamespaceMatrix): { name: string; cells: string[] }[] {
  const cell = (namespace: HostNamespace | undefined, describe: (namespace: HostNamespace) => string) =>
    namespace === undefined ? '—' : describe(namespace);
  return [
    { name: '(host)', cells: types.map((type) => cell(host[type], ({ inode }) => String(inode))) },
    ...rows.map(({ id, name, cells }) => ({
      name,
      cells: types.map((type) => cell(cells[type], (namespace) => describeSharing(sharingOf(namespace, id)))),
    })),
  ];
}

function passedOver({ passedOver: count }: HostNamespaces): string | null {
  if (count === 0) return null;
  return count === 1
    ? 'one process could not be looked at, and is left out'
    : `${count} processes could not be looked at, and are left out`;
}
