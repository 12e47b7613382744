/** A number as it is shown: the figure, and its unit for a lighter tone. */
export interface Quantity {
  figure: string;
  unit: string;
}

export const NO_READING: Quantity = { figure: '–', unit: '' };

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three significant digits, so that a column keeps its width: 1.24 GiB, 12.4 GiB, 124 GiB. */
export function bytes(value: number): Quantity {
  if (!Number.isFinite(value)) return NO_READING;
  let scaled = value;
  let unit = 0;
  // 1000, not 1024: "1010 MiB" would take a fourth digit.
  while (scaled >= 999.5 && unit < IEC.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return { figure: unit === 0 ? String(Math.round(scaled)) : significant(scaled), unit: IEC[unit] ?? 'B' };
}

export function bytesPerSecond(value: number): Quantity {
  const { figure, unit } = bytes(value);
  return { figure, unit: unit === '' ? '' : `${unit}/s` };
}

/** Cpus in use: `0.38`, `1.25`, `12.5`. */
export function cores(value: number): Quantity {
  if (!Number.isFinite(value)) return NO_READING;
  return { figure: value >= 10 ? value.toFixed(1) : value.toFixed(2), unit: value === 1 ? 'cpu' : 'cpus' };
}

export function percent(share: number): Quantity {
  if (!Number.isFinite(share)) return NO_READING;
  const value = share * 100;
  return { figure: value > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value)), unit: '%' };
}

export function count(value: number): Quantity {
  return Number.isFinite(value) ? { figure: Math.round(value).toLocaleString('en'), unit: '' } : NO_READING;
}

/** Two units at most: `42 s`, `3 min 05 s`, `2 h 07 min`, `12 d 4 h`. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return NO_READING.figure;
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** A short span as the kernel spends it: `840 ns`, `12.4 µs`, `1.83 ms`. */
export function nanoseconds(value: number): Quantity {
  if (value < 1000) return { figure: String(Math.round(value)), unit: 'ns' };
  if (value < 1e6) return { figure: significant(value / 1e3), unit: 'µs' };
  if (value < 1e9) return { figure: significant(value / 1e6), unit: 'ms' };
  return { figure: significant(value / 1e9), unit: 's' };
}

/** `2026-11-23 22:50:01` in the reader's time zone. */
export function instant(iso: string): string {
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function inWords({ figure, unit }: Quantity): string {
  return unit === '' ? figure : `${figure} ${unit}`;
}

export function plural(n: number, one: string): string {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}

/** What a schema says of a value, as a sentence. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.');
}

function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
