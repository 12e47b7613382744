import { inWords, NO_READING, significant, trimmed, type Quantity } from './quantity.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export const DURATION_WANTED = 'give a time such as 90s, 15m, 1h30m, 7d or 2w';
export const SECONDS_WANTED = 'give a number of seconds, or a time such as 90s, 2h or 30d';
export const TIME_WANTED =
  'give a time such as 15m, 1h30m or 7d ago, a date such as 2026-11-25 or 2026-11-25T13:00, or seconds since 1970';

/** Ms of `90s`, `15m`, `7d`, `2w`, and of several as Go writes them: `1h30m`. Null for anything else. */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d{1,9}(?:ms|[smhdw]))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+)(ms|[smhdw])/g)];
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? ''] ?? NaN), 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Ms of a duration, or of a plain number of seconds: `10`, `0.5`, `1m30s`. */
export function parseSeconds(text: string): number | null {
  return /^(?:\d{1,10}|\d{0,10}\.\d{1,9})$/.test(text) ? Math.round(Number(text) * 1000) : parseDuration(text);
}

/** Whole seconds to either side: `90`, `+2h`, `-30d`. */
export function parseOffset(text: string): number | null {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  const ms = parseSeconds(rest);
  if (ms === null || ms % 1000 !== 0) return null;
  return ms === 0 ? 0 : ((sign === '-' ? -1 : 1) * ms) / 1000;
}

/**
 * Ms since 1970 of a duration before now; of Unix seconds, of which a small number would lack its unit; or of a date as
 * ISO 8601 has it, in local time where it names no zone. Null for anything else.
 */
export function parseTime(text: string, now = Date.now()): number | null {
  const ago = parseDuration(text);
  if (ago !== null) return Math.max(0, now - ago);
  if (/^\d{9,11}(?:\.\d{1,9})?$/.test(text)) return Math.floor(Number(text) * 1000);
  const [, date, time, zone = ''] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:\d{2})?$/i.exec(text) ?? [];
  // A date alone would be taken as of UTC (ECMA-262, 21.4.1.32).
  const at = date === undefined ? NaN : Date.parse(`${date}T${time ?? '00:00'}${zone.toUpperCase()}`);
  return at >= 0 ? at : null;
}

/** Two units at most: `42 s`, `3 min 05 s`, `2 h 07 min`, `12 d 4 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return NO_READING.figure;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** The time since something, for a narrow column: `38 s`, `5 min`, `3 h`, `12 d`. */
export function age(ms: number): string {
  if (!Number.isFinite(ms)) return NO_READING.figure;
  const { value, unit } = inLargestUnit(Math.max(0, Math.round(ms / 1000)) * 1000);
  return `${Math.floor(value)} ${unit}`;
}

/** For a sentence, three significant digits: `0.5 s`, `60 s`, `5 min`, `1.5 h`. */
export function spanInWords(ms: number): string {
  if (!Number.isFinite(ms)) return NO_READING.figure;
  const { value, unit } = inLargestUnit(ms);
  return inWords(trimmed({ figure: significant(value), unit }));
}

/** A short span as the kernel spends it: `840 ns`, `12.4 µs`, `1.83 ms`. */
export function nanoseconds(value: number): Quantity {
  if (!Number.isFinite(value)) return NO_READING;
  if (value < 1000) return { figure: String(Math.round(value)), unit: 'ns' };
  if (value < 1e6) return { figure: significant(value / 1e3), unit: 'µs' };
  if (value < 1e9) return { figure: significant(value / 1e6), unit: 'ms' };
  return { figure: significant(value / 1e9), unit: 's' };
}

/** The largest unit of which there are two, or seconds. */
function inLargestUnit(ms: number): { value: number; unit: string } {
  if (ms < 120_000) return { value: ms / 1000, unit: 's' };
  if (ms < 7_200_000) return { value: ms / 60_000, unit: 'min' };
  return ms < 172_800_000 ? { value: ms / 3_600_000, unit: 'h' } : { value: ms / 86_400_000, unit: 'd' };
}
