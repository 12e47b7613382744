import { GAP, type ContainerView, type GroupView, type Samples, type Stats } from '@plimsoll/protocol';
import type { Output } from '../context.ts';
import { formatBytes, formatCores } from '../options/quantities.ts';
import { table } from './table.ts';
import { write } from './terminal.ts';

/** Cursor home, and clear from there on: a redraw without flicker (console_codes(4)). */
const HOME = '\x1b[H\x1b[J';
const FIGURES = ['CPUS', 'MEMORY', { title: 'READ', drop: 3 }, { title: 'WRITE', drop: 2 }, 'PIDS'];
/** Of containers: a group has no layer. */
const DISK = { title: 'DISK', drop: 1 };

/** What a container or a group used at a time. */
export interface Sample {
  time: string;
  /** A group has no id of its own: its path is its name. */
  of: { id: string | null; name: string; group: string; memoryLimitBytes: number | null; diskLimitBytes: number | null };
  /** Decimal digits; null: no reading. NaN is no figure. */
  cpuUsageNs: string | null;
  cpuCores: number;
  memoryWorkingSetBytes: number;
  ioReadBytesPerS: number;
  ioWriteBytesPerS: number;
  pids: number;
  /** Of a container's layer. */
  diskBytes: number;
}

type Subject = Pick<Sample, 'of'> & { handle: number };

export function ofContainer({ id, handle, name, group, limits }: ContainerView): Subject {
  const { memoryBytes = null, storageBytes = null } = limits;
  return { handle, of: { id, name, group, memoryLimitBytes: memoryBytes, diskLimitBytes: storageBytes } };
}

export function ofGroup({ handle, path, limits }: GroupView): Subject {
  const of = { id: null, name: path, group: path, memoryLimitBytes: limits.memoryBytes ?? null, diskLimitBytes: null };
  return { handle, of };
}

/** As the agent sends them again and again. */
export function samplesOf(subjects: readonly Subject[], { times, handles, columns }: Samples): Sample[] {
  const rows = new Map(Array.from(handles, (handle, row) => [handle, row]));
  const time = new Date(times[0] ?? Date.now()).toISOString();
  return subjects.flatMap(({ handle, of }) => {
    const row = rows.get(handle);
    if (row === undefined) return [];
    const usage = columns.cpuUsageNs?.[row] ?? GAP;
    return {
      time,
      of,
      cpuUsageNs: usage === GAP ? null : String(usage),
      cpuCores: columns.cpuCores?.[row] ?? Number.NaN,
      memoryWorkingSetBytes: columns.memoryWorkingSetBytes?.[row] ?? Number.NaN,
      ioReadBytesPerS: columns.ioReadBytesPerS?.[row] ?? Number.NaN,
      ioWriteBytesPerS: columns.ioWriteBytesPerS?.[row] ?? Number.NaN,
      pids: columns.pids?.[row] ?? Number.NaN,
      diskBytes: columns.diskUpperBytes?.[row] ?? Number.NaN,
    };
  });
}

/** As the agent answers once. */
export function sampleOf({ id, name, group, memoryLimitBytes, diskLimitBytes, at, cpuUsageNs, ...figures }: Stats): Sample {
  return {
    time: at ?? new Date().toISOString(),
    of: { id, name, group, memoryLimitBytes, diskLimitBytes },
    cpuUsageNs,
    cpuCores: figures.cpuCores ?? Number.NaN,
    memoryWorkingSetBytes: figures.memoryWorkingSetBytes ?? Number.NaN,
    ioReadBytesPerS: figures.ioReadBytesPerS ?? Number.NaN,
    ioWriteBytesPerS: figures.ioWriteBytesPerS ?? Number.NaN,
    pids: figures.pids ?? Number.NaN,
    diskBytes: figures.diskBytes ?? Number.NaN,
  };
}

export async function writeLines(stdout: Output, samples: readonly Sample[]): Promise<void> {
  const lines = samples.map(
    ({ time, of: { id, name, group }, cpuUsageNs, ...figures }) =>
      // JSON has no NaN: what there is no figure for becomes null.
      `${JSON.stringify({ time, id, name, group, cpuUsageNs: cpuUsageNs === null ? null : JSON.rawJSON(cpuUsageNs), ...figures })}\n`,
  );
  await write(stdout, lines.join(''));
}

export async function writeTable(stdout: Output, samples: readonly Sample[]): Promise<void> {
  await write(stdout, `${tableOf(stdout, samples)}\n`);
}

/** One table after another: on a terminal in place of the one before, elsewhere under one header. */
export function tables(): typeof writeTable {
  let isFirst = true;
  return async (stdout, samples) => {
    const text = tableOf(stdout, samples);
    const [, ...rows] = text.split('\n');
    const lines = stdout.isTTY || isFirst ? [text] : rows;
    isFirst = false;
    if (lines.length > 0) await write(stdout, `${stdout.isTTY ? HOME : ''}${lines.join('\n')}\n`);
  };
}

function tableOf({ columns }: Output, samples: readonly Sample[]): string {
  const areGroups = samples.every(({ of }) => of.id === null);
  const name = { title: 'NAME', least: areGroups ? 16 : 8, isPath: areGroups };
  return table([name, ...FIGURES, ...(areGroups ? [] : [DISK])], samples.map(cells), columns);
}

function cells({ of, cpuCores, memoryWorkingSetBytes, ioReadBytesPerS, ioWriteBytesPerS, pids, diskBytes }: Sample): string[] {
  const ofLimit = (limit: number | null) => (limit === null ? '' : ` / ${formatBytes(limit)}`);
  return [
    of.name,
    formatCores(cpuCores),
    `${formatBytes(memoryWorkingSetBytes)}${ofLimit(of.memoryLimitBytes)}`,
    `${formatBytes(ioReadBytesPerS)}/s`,
    `${formatBytes(ioWriteBytesPerS)}/s`,
    Number.isNaN(pids) ? '—' : String(pids),
    `${formatBytes(diskBytes)}${ofLimit(of.diskLimitBytes)}`,
  ];
}
