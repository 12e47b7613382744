import { createInterface } from 'node:readline/promises';
import type { HostCgroup } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import type { Context } from '../context.ts';
import { table } from '../reports/table.ts';
import { print, printJson, safe, sheet } from '../reports/terminal.ts';
import { defineVerb, exactlyOne, none, UsageError } from '../verb.ts';

const COLUMNS = [
  { title: 'CGROUP', least: 20, isPath: true },
  { title: 'OF', least: 12, drop: 2 },
  'STATE',
  { title: 'HIERARCHIES', least: 8, drop: 1 },
];
const WHAT = 'one cgroup, by its path below the mount points';

export const cgroupList = defineVerb({
  usage: '[--json]',
  summary: 'list the cgroups of the whole host, whoever made them',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON array' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const cgroups = await client.command('kernel.cgroups', {});
    if (json) {
      printJson(context, cgroups.map(withoutHandle));
    } else {
      const rows = cgroups.map((cgroup) => [named(cgroup), cgroup.owner, describeState(cgroup), cgroup.hierarchies.join(' ')]);
      print(context, table(COLUMNS, rows, context.stdout.columns));
    }
    return 0;
  },
});

export const cgroupInspect = defineVerb({
  usage: '[--json] CGROUP',
  summary: 'show the processes of a cgroup of the host, and what its files say',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    const path = pathOf(exactlyOne(positionals, WHAT));
    using client = connectAgent(context);
    const { cgroup, processes, files } = await client.command('kernel.cgroup', { path });
    if (json) {
      printJson(context, { ...withoutHandle(cgroup), processes, files });
      return 0;
    }
    const facts = sheet([
      ['cgroup', named(cgroup)],
      ['of', cgroup.owner],
      ['state', describeState(cgroup)],
      ['hierarchies', cgroup.hierarchies.join(' ')],
      ['freeze, kill', cgroup.guarded === null ? 'possible' : `no: ${cgroup.guarded}`],
    ]);
    const running = processes.map(({ pid, uid, name, command }) => [String(pid), String(uid), name, command]);
    const read = files.map(({ file, reads }) => [file, reads]);
    const width = context.stdout.columns;
    const tables = [
      table(['PID', 'UID', { title: 'NAME', least: 8 }, { title: 'COMMAND', least: 12, drop: 1 }], running, width),
      table(['FILE', { title: 'READS', least: 8 }], read, width),
    ];
    print(context, [facts, ...tables].join('\n\n'));
    return 0;
  },
});

export const cgroupFreeze = changing('freeze', 'hold every process still of a cgroup that others made');
export const cgroupThaw = changing('thaw', 'let the processes run on of a cgroup that others made');
export const cgroupKill = changing('kill', 'end every process of a cgroup that others made');

function changing(doing: 'freeze' | 'thaw' | 'kill', summary: string) {
  return defineVerb({
    usage: '[--confirm CGROUP] CGROUP',
    summary,
    options: { confirm: { type: 'string' } },
    optionHelp: { confirm: 'its path once more; asked for on a terminal' },
    fields: { path: ['CGROUP'], confirm: ['confirm'] },
    async run({ confirm }, positionals, context) {
      const typed = exactlyOne(positionals, WHAT);
      const again = confirm ?? (await askFor(context, typed, doing));
      using client = connectAgent(context);
      await client.command(`kernel.${doing}`, { path: pathOf(typed), confirm: pathOf(again) });
      print(context, typed);
      return 0;
    },
  });
}

async function askFor({ stdin, stderr }: Context, path: string, doing: string): Promise<string> {
  if (!stdin.isTTY) throw new UsageError(`confirm it: --confirm ${JSON.stringify(path)}`);
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return await terminal.question(`To ${doing} cgroup "${safe(path)}", which others made, type its path: `);
  } finally {
    terminal.close();
  }
}

/** The root has no name of its own: as the kernel writes it, `/`. */
function named({ path }: HostCgroup): string {
  return path === '' ? '/' : path;
}

function pathOf(typed: string): string {
  return typed === '/' ? '' : typed;
}

function describeState({ populated, frozen }: HostCgroup): string {
  if (!populated) return frozen === true ? 'empty, frozen' : 'empty';
  return frozen === true ? 'frozen' : 'populated';
}

function withoutHandle({ handle: _handle, ...cgroup }: HostCgroup): Omit<HostCgroup, 'handle'> {
  return cgroup;
}
