import type { ProcessLimit } from '@plimsoll/protocol';
import { linesOf } from './lines.ts';

/** What setrlimit(2) allows a process. */
export async function limitsOf(pid: number): Promise<ProcessLimit[]> {
  return (await linesOf(`/proc/${pid}/limits`)).slice(1).map(parseLimit);
}

/** fs/proc/base.c: `%-25s %-20s %-20s %-10s`; a name has spaces of its own. */
export function parseLimit(line: string): ProcessLimit {
  const amount = (from: number) => {
    const text = line.slice(from, from + 20).trim();
    return text === 'unlimited' ? null : text;
  };
  return { name: line.slice(0, 25).trim(), soft: amount(26), hard: amount(47), unit: line.slice(68).trim() };
}
