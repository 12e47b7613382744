import { Limits, type IoLimit, type LimitName, type LimitsChange } from '@plimsoll/protocol';
import { sentence } from './format.ts';
import { LIMIT_FIELDS, type LimitField, type PlainLimit } from './limit-fields.ts';
import { parseSize, sizeText } from './parse-size.ts';

export const IO_RATES = [
  { name: 'readBytesPerS', label: 'Read per second', placeholder: '10m', isSize: true },
  { name: 'writeBytesPerS', label: 'Write per second', placeholder: '10m', isSize: true },
  { name: 'readOpsPerS', label: 'Reads per second', placeholder: '500', isSize: false },
  { name: 'writeOpsPerS', label: 'Writes per second', placeholder: '500', isSize: false },
] as const;

/** What is typed for one disk. */
export type DiskTexts = Record<(typeof IO_RATES)[number]['name'] | 'device', string>;

export const NO_DISK: DiskTexts = { device: '', readBytesPerS: '', writeBytesPerS: '', readOpsPerS: '', writeOpsPerS: '' };

/** The form of limits as it is filled in; empty: none. */
export type LimitTexts = Record<PlainLimit, string> & { io: readonly DiskTexts[] };
export type LimitErrors = Partial<Record<LimitName, string>>;

export function limitTexts(limits: Limits): LimitTexts {
  const plain = LIMIT_FIELDS.map(({ name, kind }) => {
    const value = limits[name];
    return [name, value === undefined ? '' : kind === 'size' ? sizeText(Number(value)) : String(value)];
  });
  return { ...Object.fromEntries(plain), io: (limits.io ?? []).map(diskTexts) } as LimitTexts;
}

export const NO_LIMITS = limitTexts({});

function diskTexts(limit: IoLimit): DiskTexts {
  const rates = IO_RATES.map(({ name, isSize }) => {
    const rate = limit[name];
    return [name, rate === undefined ? '' : isSize ? sizeText(rate) : String(rate)];
  });
  return { ...Object.fromEntries(rates), device: limit.device } as DiskTexts;
}

/** The limits that the form asks for, or what is wrong with which. */
export function readLimits(texts: LimitTexts): { limits: Limits } | { errors: LimitErrors } {
  const errors: LimitErrors = {};
  const wishes: Partial<Record<LimitName, unknown>> = {};
  for (const field of LIMIT_FIELDS) {
    const text = texts[field.name].trim();
    if (text === '') continue;
    const value = readField(field, text);
    if (value === null) errors[field.name] = `Expected ${EXPECTED[field.kind]}.`;
    else wishes[field.name] = value;
  }
  const disks = texts.io.filter((disk) => Object.values(disk).some((text) => text.trim() !== ''));
  if (disks.length > 0) wishes.io = disks.map(readDisk);
  const parsed = Limits.safeParse(wishes);
  for (const { path, message } of parsed.error?.issues ?? []) errors[path[0] as LimitName] ??= sentence(message);
  return Object.keys(errors).length > 0 || !parsed.success ? { errors } : { limits: parsed.data };
}

/** What leads from one set of limits to the other: what is equal is left out, what is gone is null. */
export function limitsChange(before: Limits, after: Limits): LimitsChange {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as LimitName[]);
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

const EXPECTED: Readonly<Record<LimitField['kind'], string>> = {
  number: 'a number of cpus, such as 0.5',
  whole: 'a whole number',
  size: 'a size, such as 256m, 1.5g or a number of bytes',
  list: 'a list, such as 0-3,6',
};

/** Null: it cannot be read. */
function readField({ kind }: LimitField, text: string): number | string | null {
  if (kind === 'list') return text.replaceAll(/\s/g, '');
  return kind === 'size' ? parseSize(text) : readNumber(text);
}

function readNumber(text: string): number | null {
  return /^\d+(?:[.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : null;
}

/** What cannot be read stays NaN, which the schema names. */
function readDisk(disk: DiskTexts): object {
  const rates = IO_RATES.flatMap(({ name, isSize }) => {
    const text = disk[name].trim();
    if (text === '') return [];
    return [[name, (isSize ? parseSize(text) : readNumber(text)) ?? NaN] as const];
  });
  return { device: disk.device.trim(), ...Object.fromEntries<number>(rates) };
}
