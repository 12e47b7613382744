import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LAST_LINES = 8;
/** Of a line in a report. */
const LONGEST = 400;
const PARTS = ['supervisor', 'agent'] as const;

const words: string[] = [];

/** Keeps what is known of a world's processes before they are ended: what they do now, and the last lines of their logs. */
export function keepLastWords(directory: string, pids: Partial<Record<(typeof PARTS)[number], number | undefined>>): void {
  for (const part of PARTS) {
    const log = read(join(directory, `${part}.log`));
    if (log !== null) words.push(`the ${part}, ${doing(pids[part])}, wrote last:\n${lastLines(log)}`);
  }
}

/** Of the worlds that have ended since the last call. */
export function takeLastWords(): string[] {
  return words.splice(0);
}

function doing(pid: number | undefined): string {
  if (pid === undefined) return 'which had ended';
  const of = (name: string): string => read(`/proc/${pid}/${name}`) ?? '';
  const state = /^State:\t(.+)$/m.exec(of('status'))?.[1] ?? 'which has ended';
  return `pid ${pid}, ${state}, in syscall ${of('syscall').trim()} of ${of('stack').split('\n').slice(0, 4).join(' ')}`;
}

/** Without stacks, which the report of a failure leaves out. */
function lastLines(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines
    .slice(-LAST_LINES)
    .map((line) => line.slice(0, LONGEST))
    .join('\n');
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
