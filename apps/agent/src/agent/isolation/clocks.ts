import { readFile } from 'node:fs/promises';
import type { Seen } from '@plimsoll/protocol';
import { words } from './lines.ts';

/** Milliseconds that a time namespace adds to the host's clocks. */
export interface ClockOffsets {
  monotonicMs: number;
  boottimeMs: number;
}

const NONE: ClockOffsets = { monotonicMs: 0, boottimeMs: 0 };

/** The clocks of this process, and of another with its time namespace's offsets: none on a kernel without those. */
export async function clocksSeenBy(pid: number): Promise<Seen['clocks']> {
  const offsets = await readFile(`/proc/${pid}/timens_offsets`, 'utf8').then(parseOffsets, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return NONE;
    throw error;
  });
  const uptime = await readFile('/proc/uptime', 'utf8');
  const host = { monotonicMs: Number(process.hrtime.bigint() / 1_000_000n), boottimeMs: millisecondsOf(uptime) };
  const container = {
    monotonicMs: host.monotonicMs + offsets.monotonicMs,
    boottimeMs: host.boottimeMs + offsets.boottimeMs,
  };
  return { container, host };
}

/** time_namespaces(7): the clock, by name or by number before it had one, seconds, nanoseconds. */
export function parseOffsets(text: string): ClockOffsets {
  const rows = text.split('\n').map(words);
  const offset = (...names: string[]) => {
    const [, seconds = '0', nanoseconds = '0'] = rows.find(([clock]) => clock !== undefined && names.includes(clock)) ?? [];
    return Number(seconds) * 1000 + Math.round(Number(nanoseconds) / 1e6);
  };
  return { monotonicMs: offset('monotonic', '1'), boottimeMs: offset('boottime', '7') };
}

/** proc_uptime(5): seconds with two decimals. */
function millisecondsOf(uptime: string): number {
  return Math.round(Number(words(uptime)[0]) * 1000);
}
