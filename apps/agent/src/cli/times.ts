import { UsageError } from './verb.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `1h` or `7d` before now, or a date as ISO 8601 has it, in local time where it names no zone; ms since 1970. */
export function parseTime(text: string, option: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return Math.max(0, now - Number(amount) * (UNITS_MS[unit] ?? Number.NaN));
  // A date alone would be taken as of UTC (ECMA-262, 21.4.1.32).
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(at) || at < 0) {
    throw new UsageError(`${option} "${text}": give a time such as 15m, 1h or 7d ago, or as 2026-11-25T13:00`);
  }
  return at;
}
