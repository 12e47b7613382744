import { inWords, NO_READING, significant, trimmed, type Quantity, type Wrong } from './quantity.ts';

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
/** The unit's letter stands at its power of 1024. */
const LETTERS = 'bkmgtp';

export const SIZE_WANTED = 'give a size such as 512k, 64m or 1.5g, or a number of bytes (1k is 1024 bytes)';

/** Bytes of `64m`, `64 MiB`, `1.5g`, `512kb`, `1048576`, with binary multiples; a fraction of a byte is rounded. Null for anything else. */
export function parseSize(text: string): number | null {
  const [, figure, letter = 'b'] = /^(\d+|\d*\.\d+(?=\s*[kmgtp]))\s*(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(figure) * 1024 ** LETTERS.indexOf(letter.toLowerCase()));
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Bytes of a size that somebody typed, or what is wrong with it. A number without a unit below `leastBytes` lacks one, but for 0. */
export function readSize(text: string, leastBytes = 0): number | Wrong {
  const bytes = parseSize(text);
  if (bytes === null) return { wrong: SIZE_WANTED };
  if (bytes === 0 || bytes >= leastBytes || !/^\d+$/.test(text.trim())) return bytes;
  // Without a unit it could be meant in MiB, as in docker's examples, or in KiB, as in the kernel's files.
  const meant = `${bytes}${bytes < 65_536 ? 'm' : 'k'}`;
  const given = `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return {
    wrong: `${given} is less than ${sizeInWords(leastBytes)}; a unit is missing: ${meant} is ${sizeInWords(parseSize(meant) ?? NaN)}`,
  };
}

/** What `parseSize` reads as exactly these bytes, in the greatest unit that divides them: `256m`. */
export function sizeText(bytes: number): string {
  let power = 0;
  while (bytes > 0 && bytes % 1024 ** (power + 1) === 0 && power < LETTERS.length - 1) power += 1;
  return power === 0 ? String(bytes) : `${bytes / 1024 ** power}${LETTERS.charAt(power)}`;
}

/** Three significant digits, so that a column keeps its width: 1.24 GiB, 12.4 GiB, 124 GiB. */
export function bytes(value: number): Quantity {
  if (!Number.isFinite(value)) return NO_READING;
  let scaled = value;
  let power = 0;
  // 1000, not 1024: "1010 MiB" would take a fourth digit.
  while (scaled >= 999.5 && power < IEC.length - 1) {
    scaled /= 1024;
    power += 1;
  }
  return { figure: power === 0 ? String(Math.round(scaled)) : significant(scaled), unit: IEC[power] ?? 'B' };
}

export function bytesPerSecond(value: number): Quantity {
  const { figure, unit } = bytes(value);
  return { figure, unit: unit === '' ? '' : `${unit}/s` };
}

/** For a sentence: `64 MiB`, `1.5 GiB`. */
export function sizeInWords(value: number): string {
  return inWords(trimmed(bytes(value)));
}

/** Memory over time, as it is charged: GiB times hours, to three decimals. */
export function gibHours(byteMs: number): Quantity {
  if (!Number.isFinite(byteMs)) return NO_READING;
  const value = byteMs / 2 ** 30 / 3_600_000;
  return { figure: value > 0 && value < 0.001 ? '<0.001' : value.toFixed(3), unit: 'GiB h' };
}
