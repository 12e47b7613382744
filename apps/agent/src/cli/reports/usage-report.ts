import { toCsv, type Usage, type UsageReport } from '@plimsoll/protocol';
import { cpuTime, gibHours, inWords, spanInWords } from '@plimsoll/protocol/quantities';
import { formatBytes } from '../options/quantities.ts';
import { table } from './table.ts';

const HEADER = [
  ...['from', 'to', 'key', 'name', 'cpu_ns', 'cpu_reserved_ns', 'memory_byte_ms', 'memory_reserved_byte_ms'],
  ...['io_read_bytes', 'io_write_bytes', 'io_read_ops', 'io_write_ops', 'net_received_bytes', 'net_sent_bytes'],
  ...['elapsed_ms', 'frozen_ms', 'estimated_ms', 'incarnations', 'running', 'host'],
  ...['memory_least_byte_ms', 'memory_most_byte_ms'],
];

/** Exact figures, a line for each row of each step. */
export function usageCsv({ hostId, steps }: UsageReport): string {
  const lines = steps.flatMap(({ from, to, rows }) =>
    rows.map(({ key, name, usage, incarnations, running }) => [
      ...[from, to, key, name ?? '', usage.cpuNs, usage.cpuReservedNs, usage.memoryByteMs, usage.memoryReservedByteMs],
      ...[usage.ioReadBytes, usage.ioWriteBytes, usage.ioReadOps, usage.ioWriteOps].map((value) => value ?? ''),
      ...[usage.netReceivedBytes, usage.netSentBytes].map((value) => value ?? ''),
      ...[usage.elapsedMs, usage.frozenMs, usage.estimatedMs, String(incarnations), String(running), hostId ?? ''],
      ...[usage.memoryLeastByteMs, usage.memoryMostByteMs].map((value) => value ?? ''),
    ]),
  );
  return toCsv([HEADER, ...lines]).trimEnd();
}

/** For people: rounded, with a sum, and what nobody used. */
export function usageTable({ steps, groups, losses }: UsageReport, width: number | undefined): string {
  const tables = steps.map(({ from, to, rows, total, idleCpuNs }) => {
    const cells = rows.map(({ key, name, usage, running }) => [name ?? key, ...figures(usage), String(running)]);
    const running = rows.reduce((sum, row) => sum + row.running, 0);
    const idle = idleCpuNs === null ? [] : [['(idle)', seconds(idleCpuNs), '', '', '', '', '', '', '']];
    const header = [
      { title: '', least: 8 },
      'CPU',
      { title: 'RESERVED', drop: 2 },
      'MEMORY',
      { title: 'BETWEEN', drop: 0 },
      { title: 'READ', drop: 3 },
      { title: 'WRITTEN', drop: 4 },
      { title: 'RAN', drop: 1 },
      'RUNNING',
    ];
    return `${from} – ${to}\n${table(header, [...cells, ['total', ...figures(total), String(running)], ...idle], width)}`;
  });
  const apart = groups.filter(({ unattributedCpuNs }) => BigInt(unattributedCpuNs) > 0n);
  const notes = apart.map(
    ({ group, unattributedCpuNs }) =>
      `group ${group}: ${seconds(unattributedCpuNs)} more by its own counter than its containers account for`,
  );
  notes.push(...losses.map(({ message }) => message));
  return [...tables, ...(notes.length > 0 ? [notes.join('\n')] : [])].join('\n\n');
}

function figures(usage: Usage): string[] {
  return [
    seconds(usage.cpuNs),
    seconds(usage.cpuReservedNs),
    inWords(gibHours(Number(usage.memoryByteMs))),
    bounds(usage),
    bytes(usage.ioReadBytes),
    bytes(usage.ioWriteBytes),
    spanInWords(Number(usage.elapsedMs)),
  ];
}

function seconds(ns: string): string {
  return inWords(cpuTime(Number(ns)));
}

/** What the memory is at least and at most. */
function bounds({ memoryLeastByteMs: least, memoryMostByteMs: most }: Usage): string {
  if (least === null || most === null) return '—';
  return [least, most].map((byteMs) => inWords(gibHours(Number(byteMs)))).join(' – ');
}

function bytes(value: string | null): string {
  return value === null ? '—' : formatBytes(Number(value));
}
