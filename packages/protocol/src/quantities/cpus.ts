import { NO_READING, type Quantity } from './quantity.ts';

export const CPUS_WANTED = 'give a number of cpus, such as 0.5';

/** `0.5`, `.5`, `2`, `1,5`. Null for anything else. */
export function parseCpus(text: string): number | null {
  return /^(?:\d+|\d*[.,]\d+)$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : null;
}

/** Cpus in use: `0.38`, `1.25`, `12.5`. */
export function cores(value: number): Quantity {
  if (!Number.isFinite(value)) return NO_READING;
  return { figure: value >= 10 ? value.toFixed(1) : value.toFixed(2), unit: noun(value) };
}

/** Cpus that are there, or that somebody allowed: every digit of them. */
export function cpuCount(value: number): Quantity {
  return Number.isFinite(value) ? { figure: String(value), unit: noun(value) } : NO_READING;
}

/** Cpu time as it is charged, in one unit so that rows compare: `0.123 s`, `12.3 s`; hours past two of them. */
export function cpuTime(ns: number): Quantity {
  if (!Number.isFinite(ns)) return NO_READING;
  const seconds = ns / 1e9;
  if (seconds >= 7200) return { figure: (seconds / 3600).toFixed(2), unit: 'h' };
  return { figure: seconds.toFixed(seconds < 10 ? 3 : 1), unit: 's' };
}

function noun(value: number): string {
  return value === 1 ? 'cpu' : 'cpus';
}
