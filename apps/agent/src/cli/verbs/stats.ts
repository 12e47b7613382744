import { GAP, type ContainerView, type Samples } from '@plimsoll/protocol';
import type { AgentClient } from '../../client/agent-client.ts';
import { connect } from '../../client/connect.ts';
import { stateRoot } from '../../state-root.ts';
import { formatBytes, formatCores } from '../quantities.ts';
import { table, write } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

/** Cursor home, and clear from there on: a redraw without flicker (console_codes(4)). */
const HOME = '\x1b[H\x1b[J';

interface Sample {
  view: ContainerView;
  /** Decimal digits; null: no reading. */
  cpuUsageNs: string | null;
  cpuCores: number;
  memoryWorkingSetBytes: number;
  ioReadBytesPerS: number;
  ioWriteBytesPerS: number;
  pids: number;
}

export const stats = defineVerb({
  usage: '[--json] [CONTAINER…]',
  summary: 'watch what containers use, until Ctrl-C',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'one JSON object a line for each sample of a container' },
  async run({ json }, positionals) {
    using client = await connect(stateRoot());
    const chosen = new Set<string>();
    for (const container of positionals) chosen.add((await client.command('container.inspect', { container })).id);
    const show = json ? printLines : printTable;
    const stopped = Promise.withResolvers<number>();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve(0));
    client.on('samples', (samples) => {
      const all = samplesOf(client, samples);
      show(samples.times[0] ?? Date.now(), chosen.size === 0 ? all : all.filter(({ view }) => chosen.has(view.id))).catch(
        stopped.reject,
      );
    });
    await client.watch({ kind: 'table' });
    return await Promise.race([stopped.promise, client.lost]);
  },
});

function samplesOf(client: AgentClient, { handles, columns }: Samples): Sample[] {
  const rows = new Map(Array.from(handles, (handle, row) => [handle, row]));
  return [...client.containers.values()].flatMap((view) => {
    const row = rows.get(view.handle);
    if (row === undefined) return [];
    const usage = columns.cpuUsageNs?.[row] ?? GAP;
    return {
      view,
      cpuUsageNs: usage === GAP ? null : String(usage),
      cpuCores: columns.cpuCores?.[row] ?? Number.NaN,
      memoryWorkingSetBytes: columns.memoryWorkingSetBytes?.[row] ?? Number.NaN,
      ioReadBytesPerS: columns.ioReadBytesPerS?.[row] ?? Number.NaN,
      ioWriteBytesPerS: columns.ioWriteBytesPerS?.[row] ?? Number.NaN,
      pids: columns.pids?.[row] ?? Number.NaN,
    };
  });
}

async function printLines(timeMs: number, samples: readonly Sample[]): Promise<void> {
  const time = new Date(timeMs).toISOString();
  const lines = samples.map(
    ({ view, cpuUsageNs, ...figures }) =>
      // JSON has no NaN: what there is no figure for becomes null.
      `${JSON.stringify({ time, id: view.id, name: view.name, group: view.group, cpuUsageNs: cpuUsageNs === null ? null : JSON.rawJSON(cpuUsageNs), ...figures })}\n`,
  );
  await write(process.stdout, lines.join(''));
}

async function printTable(_: number, samples: readonly Sample[]): Promise<void> {
  const rows = samples.map(({ view, cpuCores, memoryWorkingSetBytes, ioReadBytesPerS, ioWriteBytesPerS, pids }) => [
    view.name,
    formatCores(cpuCores),
    `${formatBytes(memoryWorkingSetBytes)}${view.limits.memoryBytes === undefined ? '' : ` / ${formatBytes(view.limits.memoryBytes)}`}`,
    `${formatBytes(ioReadBytesPerS)}/s`,
    `${formatBytes(ioWriteBytesPerS)}/s`,
    Number.isNaN(pids) ? '—' : String(pids),
  ]);
  await write(
    process.stdout,
    `${process.stdout.isTTY ? HOME : ''}${table(['NAME', 'CPUS', 'MEMORY', 'READ', 'WRITE', 'PIDS'], rows)}\n`,
  );
}
