import { UsageError } from './verb.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `90s`, `15m`, `1h`, `7d` or `2w` before now, or a date as ISO 8601 has it, in local time where it names no zone; ms since 1970. */
export function parseTime(text: string, option: string, now = Date.now()): number {
  const ago = durationMs(text);
  if (ago !== null) return Math.max(0, now - ago);
  // A date alone would be taken as of UTC (ECMA-262, 21.4.1.32).
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(at) || at < 0) {
    throw new UsageError(`${option} "${text}": give a time such as 15m, 1h or 7d ago, or as 2026-11-25T13:00`);
  }
  return at;
}

/** `15m`, `1h`, `1d`: ms. */
export function parseDuration(text: string, option: string): number {
  const ms = durationMs(text);
  if (ms === null) throw new UsageError(`${option} "${text}": give a time such as 15m, 1h or 1d`);
  return ms;
}

function durationMs(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const factor = UNITS_MS[unit ?? ''];
  return factor === undefined ? null : Number(amount) * factor;
}
