import { GAP, type ContainerView, type GroupView, type Samples, type Stats } from '@plimsoll/protocol';
import { connectAgent, followAgent } from '../agent-connection.ts';
import type { Context, Output } from '../context.ts';
import { formatBytes, formatCores } from '../quantities.ts';
import { table, write } from '../terminal.ts';
import { defineVerb, UsageError } from '../verb.ts';

/** Cursor home, and clear from there on: a redraw without flicker (console_codes(4)). */
const HOME = '\x1b[H\x1b[J';

const HEADER = ['NAME', 'CPUS', 'MEMORY', 'READ', 'WRITE', 'PIDS'];

interface Sample {
  /** A group has no id of its own: its path is its name. */
  of: { id: string | null; name: string; group: string; memoryLimitBytes: number | undefined };
  /** Decimal digits; null: no reading. */
  cpuUsageNs: string | null;
  cpuCores: number;
  memoryWorkingSetBytes: number;
  ioReadBytesPerS: number;
  ioWriteBytesPerS: number;
  pids: number;
}

export const stats = defineVerb({
  usage: '[options] [CONTAINER…]',
  summary: 'watch what containers or groups use, until Ctrl-C',
  options: {
    'no-stream': { type: 'boolean', default: false },
    groups: { type: 'boolean', short: 'g', default: false },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    'no-stream': 'once, and not again and again',
    json: 'one JSON object a line for each sample',
    groups: 'groups in place of containers, each with all that is in it',
  },
  async run({ json, groups, 'no-stream': once }, positionals, context) {
    if (groups && positionals.length > 0) throw new UsageError('with --groups every group is shown: name no container');
    if (once) return await showOnce(context, { json, groups, containers: positionals });
    using client = await followAgent(context);
    const chosen = new Set<string>();
    for (const container of positionals) chosen.add((await client.command('container.inspect', { container })).id);
    const show = json ? printLines : printTable;
    const stopped = Promise.withResolvers<number>();
    using listeners = new DisposableStack();
    listeners.use(context.onSignals(['SIGINT', 'SIGTERM'], () => stopped.resolve(0)));
    client.on('samples', (samples) => {
      const all = samplesOf(
        groups ? [...client.groups.values()].map(group) : [...client.containers.values()].map(container),
        samples,
      );
      show(
        context.stdout,
        samples.times[0] ?? Date.now(),
        chosen.size === 0 ? all : all.filter(({ of }) => chosen.has(of.id ?? '')),
      ).catch(stopped.reject);
    });
    await client.watch({ kind: 'table' });
    return await Promise.race([stopped.promise, client.lost]);
  },
});

async function showOnce(context: Context, { json, groups, containers }: Once): Promise<number> {
  using client = connectAgent(context);
  const stats = await client.command('container.stats', { groups, ...(containers.length > 0 && { containers }) });
  if (json) await printLines(context.stdout, Date.now(), stats.map(sampleOf));
  else await printRows(context.stdout, stats.map(sampleOf));
  return 0;
}

interface Once {
  json: boolean;
  groups: boolean;
  containers: string[];
}

function sampleOf({ id, name, group: path, memoryLimitBytes, cpuUsageNs, ...figures }: Stats): Sample {
  return {
    of: { id, name, group: path, memoryLimitBytes: memoryLimitBytes ?? undefined },
    cpuUsageNs,
    cpuCores: figures.cpuCores ?? Number.NaN,
    memoryWorkingSetBytes: figures.memoryWorkingSetBytes ?? Number.NaN,
    ioReadBytesPerS: figures.ioReadBytesPerS ?? Number.NaN,
    ioWriteBytesPerS: figures.ioWriteBytesPerS ?? Number.NaN,
    pids: figures.pids ?? Number.NaN,
  };
}

function container({ id, handle, name, group: path, limits }: ContainerView): Subject {
  return { handle, of: { id, name, group: path, memoryLimitBytes: limits.memoryBytes } };
}

function group({ handle, path, limits }: GroupView): Subject {
  return { handle, of: { id: null, name: path, group: path, memoryLimitBytes: limits.memoryBytes } };
}

type Subject = Pick<Sample, 'of'> & { handle: number };

function samplesOf(subjects: readonly Subject[], { handles, columns }: Samples): Sample[] {
  const rows = new Map(Array.from(handles, (handle, row) => [handle, row]));
  return subjects.flatMap(({ handle, of }) => {
    const row = rows.get(handle);
    if (row === undefined) return [];
    const usage = columns.cpuUsageNs?.[row] ?? GAP;
    return {
      of,
      cpuUsageNs: usage === GAP ? null : String(usage),
      cpuCores: columns.cpuCores?.[row] ?? Number.NaN,
      memoryWorkingSetBytes: columns.memoryWorkingSetBytes?.[row] ?? Number.NaN,
      ioReadBytesPerS: columns.ioReadBytesPerS?.[row] ?? Number.NaN,
      ioWriteBytesPerS: columns.ioWriteBytesPerS?.[row] ?? Number.NaN,
      pids: columns.pids?.[row] ?? Number.NaN,
    };
  });
}

async function printLines(stdout: Output, timeMs: number, samples: readonly Sample[]): Promise<void> {
  const time = new Date(timeMs).toISOString();
  const lines = samples.map(
    ({ of: { id, name, group: path }, cpuUsageNs, ...figures }) =>
      // JSON has no NaN: what there is no figure for becomes null.
      `${JSON.stringify({ time, id, name, group: path, cpuUsageNs: cpuUsageNs === null ? null : JSON.rawJSON(cpuUsageNs), ...figures })}\n`,
  );
  await write(stdout, lines.join(''));
}

async function printTable(stdout: Output, _: number, samples: readonly Sample[]): Promise<void> {
  if (stdout.isTTY) await write(stdout, HOME);
  await printRows(stdout, samples);
}

async function printRows(stdout: Output, samples: readonly Sample[]): Promise<void> {
  await write(stdout, `${table(HEADER, samples.map(cells), stdout.columns)}\n`);
}

function cells({ of, cpuCores, memoryWorkingSetBytes, ioReadBytesPerS, ioWriteBytesPerS, pids }: Sample): string[] {
  return [
    of.name,
    formatCores(cpuCores),
    `${formatBytes(memoryWorkingSetBytes)}${of.memoryLimitBytes === undefined ? '' : ` / ${formatBytes(of.memoryLimitBytes)}`}`,
    `${formatBytes(ioReadBytesPerS)}/s`,
    `${formatBytes(ioWriteBytesPerS)}/s`,
    Number.isNaN(pids) ? '—' : String(pids),
  ];
}
