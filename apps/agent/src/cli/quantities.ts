import { UsageError } from './verb.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const FACTORS: Record<string, number> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `64m`, `1.5g`, `512k` or bytes, with binary multiples: 1k is 1024 bytes. */
export function parseBytes(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text);
  const bytes = Number(match?.[1]) * (FACTORS[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) {
    throw new UsageError(
      `${option} "${text}": give bytes, or a size such as 512k, 64m or 1g (binary multiples: 1k is 1024 bytes)`,
    );
  }
  return bytes;
}

export function parseNumber(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${option} "${text}": give a number`);
  return value;
}

export function parseInteger(text: string, option: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} "${text}": give a whole number`);
  return Number(text);
}

/** `NAME=value`. */
export function parsePair(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${option} "${text}": write it as NAME=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `1.24 GiB`; an em dash for a figure that is not there. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '—';
  let unit = 0;
  for (; bytes >= 1024 && unit < UNITS.length - 1; unit++) bytes /= 1024;
  return `${unit === 0 ? bytes.toFixed(0) : bytes.toFixed(bytes < 10 ? 2 : bytes < 100 ? 1 : 0)} ${UNITS[unit]}`;
}

export function formatCores(cores: number): string {
  return Number.isFinite(cores) ? cores.toFixed(cores < 10 ? 2 : 1) : '—';
}

/** `38 s`, `5 min`, `3 h`, `12 d`: the time since an instant, in its largest unit. */
export function formatAge(instant: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
