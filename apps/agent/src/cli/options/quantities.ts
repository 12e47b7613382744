import {
  age,
  bytes,
  cores,
  CPUS_WANTED,
  DURATION_WANTED,
  inWords,
  parseCpus as readCpus,
  parseDuration as readDuration,
  parseSeconds as readSeconds,
  parseTime as readTime,
  readSize,
  SECONDS_WANTED,
  TIME_WANTED,
  type Quantity,
} from '@plimsoll/protocol/quantities';
import { OptionError } from '../verb.ts';

/** A size; of memory, of which less than `leastBytes` makes no sense. */
export function parseBytes(text: string, option: string, leastBytes = 0): number {
  const size = readSize(text, leastBytes);
  return typeof size === 'number' ? size : refuse(option, text, size.wrong);
}

export function parseCpus(text: string, option: string): number {
  return readCpus(text) ?? refuse(option, text, CPUS_WANTED);
}

/** Ms. */
export function parseDuration(text: string, option: string): number {
  return readDuration(text) ?? refuse(option, text, DURATION_WANTED);
}

/** Ms of a plain number of seconds, or of a duration. */
export function parseSeconds(text: string, option: string): number {
  return readSeconds(text) ?? refuse(option, text, SECONDS_WANTED);
}

/** Ms since 1970 of a duration ago, Unix seconds or a date. */
export function parseTime(text: string, option: string, now = Date.now()): number {
  return readTime(text, now) ?? refuse(option, text, TIME_WANTED);
}

export function parseNumber(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new OptionError(option, text, 'give a number');
  return value;
}

export function parseInteger(text: string, option: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new OptionError(option, text, 'give a whole number');
  return Number(text);
}

/** `NAME=value`. */
export function parsePair(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new OptionError(option, text, 'write it as NAME=value');
  return [text.slice(0, at), text.slice(at + 1)];
}

export function formatBytes(value: number): string {
  return cell(bytes(value), value);
}

export function formatCores(value: number): string {
  return cell({ ...cores(value), unit: '' }, value);
}

/** The time since an instant. */
export function formatAge(instant: string, now = Date.now()): string {
  return age(now - Date.parse(instant));
}

/** An em dash for a figure that is not there, as for all else that a table has not. */
function cell(quantity: Quantity, value: number): string {
  return Number.isFinite(value) ? inWords(quantity) : '—';
}

function refuse(option: string, text: string, why: string): never {
  throw new OptionError(option, text, why);
}
