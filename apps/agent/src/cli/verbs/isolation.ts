import type { ContainerIsolation } from '@plimsoll/protocol';
import { connect } from '../../client/connect.ts';
import { stateRoot } from '../../state-root.ts';
import { describeIsolation, describeMount, describeSeen, withWhom } from '../isolation-report.ts';
import { print, printJson, sheet, table } from '../terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

export const isolation = defineVerb({
  usage: '[--json] CONTAINER',
  summary: 'show what isolates a running container, as the kernel has it now, and what it sees of the host',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals) {
    const container = exactlyOne(positionals, 'one container');
    using client = await connect(stateRoot());
    const answer = await client.command('container.isolation', { container });
    if (json) printJson(answer);
    else print(describe(answer));
    return 0;
  },
});

function describe(answer: ContainerIsolation): string {
  const { namespaces, limits, mounts, sees } = answer;
  return [
    sheet(describeIsolation(answer)),
    table(
      ['NAMESPACE', 'INODE', 'SHARED WITH'],
      namespaces.map((namespace) => [namespace.type, String(namespace.inode), withWhom(namespace)]),
    ),
    table(['WHAT', 'THE CONTAINER SEES', 'THE HOST SEES'], describeSeen(sees)),
    table(
      ['LIMIT', 'SOFT', 'HARD', 'UNIT'],
      limits.map(({ name, soft, hard, unit }) => [name, soft ?? 'unlimited', hard ?? 'unlimited', unit]),
    ),
    table(['MOUNTED AT', 'TYPE', 'SOURCE', 'OPTIONS', 'PROPAGATION'], mounts.map(describeMount)),
  ].join('\n\n');
}
