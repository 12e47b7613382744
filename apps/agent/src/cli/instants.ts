import { UsageError } from './verb.ts';

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `15m`, `24h`, `30d`: ms. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d{1,7})([smhdw])$/.exec(text);
  const factor = UNIT_MS[match?.[2] ?? ''];
  if (match === null || factor === undefined) throw new UsageError(`${option} "${text}": give a time such as 15m, 24h or 30d`);
  return Number(match[1]) * factor;
}

/** `24h` is that long ago; or a date, or a time of ISO 8601, UTC where it names no zone. */
export function parseInstant(text: string, option: string, nowMs = Date.now()): string {
  if (/^\d+[smhdw]$/.test(text)) return new Date(nowMs - parseDuration(text, option)).toISOString();
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(hasZone || !text.includes('T') ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`${option} "${text}": give a time such as 24h, 2026-01-31 or 2026-01-31T12:00`);
  return new Date(at).toISOString();
}
