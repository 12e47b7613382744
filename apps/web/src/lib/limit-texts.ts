import { Limits, MIN_MEMORY_BYTES, type IoLimit, type LimitName, type LimitsChange, type NewLimits } from '@plimsoll/protocol';
import { CPUS_WANTED, parseCpus, readSize, sizeText, type Wrong } from '@plimsoll/protocol/quantities';
import { sentence } from './format.ts';
import { LIMIT_FIELDS, UNLIMITED, type LimitField, type PlainLimit } from './limit-fields.ts';

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
  const limits: Partial<Record<LimitName, unknown>> = {};
  for (const field of LIMIT_FIELDS) {
    const text = texts[field.name].trim();
    if (text === '' || text === UNLIMITED) continue;
    const value = readField(field, text);
    if (typeof value === 'object') errors[field.name] = sentence(value.wrong);
    else limits[field.name] = value;
  }
  const disks = texts.io.filter((disk) => Object.values(disk).some((text) => text.trim() !== ''));
  if (disks.length > 0) limits.io = disks.map((disk) => readDisk(disk, errors));
  const parsed = Limits.safeParse(limits);
  for (const { path, message } of parsed.error?.issues ?? []) errors[path[0] as LimitName] ??= sentence(message);
  return Object.keys(errors).length > 0 || !parsed.success ? { errors } : { limits: parsed.data };
}

/** Those of a new container, whose empty process limit is the agent's default. */
export function readNewLimits(texts: LimitTexts): { limits: NewLimits } | { errors: LimitErrors } {
  const read = readLimits(texts);
  return 'limits' in read && texts.pids.trim() === UNLIMITED ? { limits: { ...read.limits, pids: null } } : read;
}

/** What leads from one set of limits to the other: what is equal is left out, what is gone is null. */
export function limitsChange(before: Limits, after: Limits): LimitsChange {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as LimitName[]);
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

function readField({ kind }: LimitField, text: string): number | string | Wrong {
  switch (kind) {
    case 'list':
      return text.replaceAll(/\s/g, '');
    case 'size':
      return readSize(text, MIN_MEMORY_BYTES);
    case 'number':
      return parseCpus(text) ?? { wrong: CPUS_WANTED };
    case 'whole':
      return readWhole(text);
  }
}

function readWhole(text: string): number | Wrong {
  return /^\d+$/.test(text) ? Number(text) : { wrong: 'give a whole number' };
}

/** Text that cannot be parsed is among the errors. */
function readDisk(disk: DiskTexts, errors: LimitErrors): object {
  const rates = IO_RATES.flatMap(({ name, label, isSize }) => {
    const text = disk[name].trim();
    if (text === '') return [];
    const rate = isSize ? readSize(text) : readWhole(text);
    if (typeof rate === 'object') errors.io ??= sentence(`${label}: ${rate.wrong}`);
    return [[name, typeof rate === 'object' ? NaN : rate] as const];
  });
  return { device: disk.device.trim(), ...Object.fromEntries<number>(rates) };
}
