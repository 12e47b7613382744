import { NO_READING, type Quantity } from '@plimsoll/protocol/quantities';

export function percent(share: number): Quantity {
  if (!Number.isFinite(share)) return NO_READING;
  const value = share * 100;
  return { figure: value > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value)), unit: '%' };
}

export function count(value: number): Quantity {
  return Number.isFinite(value) ? { figure: Math.round(value).toLocaleString('en'), unit: '' } : NO_READING;
}

/** `2026-11-23 22:50:01` in the reader's time zone. */
export function instant(iso: string): string {
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function plural(n: number, one: string): string {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}

/** What a schema says of a value, as a sentence. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.');
}
