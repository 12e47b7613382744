import { DEFAULT_STOP_GRACE_MS } from '@plimsoll/protocol';
import { parseSeconds } from './quantities.ts';

/** Options of every verb that stops containers; docker has called the one both names. */
export const stopOptions = { time: { type: 'string', short: 't' }, timeout: { type: 'string' } } as const;

export const stopHelp = {
  time: `seconds to wait before the kill, or 1m30s (default: ${DEFAULT_STOP_GRACE_MS / 1000})`,
  timeout: 'the same',
} as const;

export const stopFields = { graceMs: ['time', 'timeout'] } as const;

export function parseGrace({ time, timeout }: { time?: string | undefined; timeout?: string | undefined }): number {
  if (timeout !== undefined) return parseSeconds(timeout, '--timeout');
  return time === undefined ? DEFAULT_STOP_GRACE_MS : parseSeconds(time, '--time');
}
