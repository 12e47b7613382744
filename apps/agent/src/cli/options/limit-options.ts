import {
  DEFAULT_PIDS,
  IoLimit,
  Limits,
  MIN_MEMORY_BYTES,
  MIN_STORAGE_BYTES,
  type LimitName,
  type LimitsChange,
  type NewLimits,
} from '@plimsoll/protocol';
import { readSize } from '@plimsoll/protocol/quantities';
import { formatBytes, parseBytes, parseCpus, parseInteger } from './quantities.ts';
import { OptionError, UsageError } from '../verb.ts';

/** Of verbs that limit a container: options of what has a layer. */
export const storageOptions = {
  'storage-opt': { type: 'string', multiple: true, default: [] as string[] },
} as const;

export const storageHelp = {
  'storage-opt': 'size=1g: the most that what it writes may take on disk, outside of its mounts',
} as const;

export const storageFields = { 'limits.storageBytes': ['storage-opt'] } as const;

/** Options of every verb that limits something. */
export const limitOptions = {
  cpus: { type: 'string' },
  'cpu-weight': { type: 'string' },
  'cpuset-cpus': { type: 'string' },
  'cpuset-mems': { type: 'string' },
  memory: { type: 'string', short: 'm' },
  'memory-high': { type: 'string' },
  swap: { type: 'string' },
  'memory-swap': { type: 'string' },
  pids: { type: 'string' },
  'pids-limit': { type: 'string' },
  io: { type: 'string', multiple: true, default: [] as string[] },
  'io-weight': { type: 'string' },
} as const;

export const limitHelp = {
  cpus: 'most cpus it may use: 0.5 is half of one',
  'cpu-weight': 'its share when cpus are scarce, 1 to 10000 (default: 100)',
  'cpuset-cpus': 'the cpus that it may run on: 0-3,6',
  'cpuset-mems': 'the memory nodes that it may use: 0',
  memory: 'most memory it may use: 64m, 1g (binary multiples)',
  'memory-high': 'memory past which it is slowed down and reclaimed from',
  swap: 'most swap it may use beside its memory limit: 0, 512m',
  'memory-swap': 'the same as the sum of both: 1g; -1 is as much as there is',
  pids: 'most processes and threads at once; -1 is any number',
  'pids-limit': 'the same',
  io: 'most io of a disk a second, any number of times: /dev/sda:rbps=10m,wbps=1m,riops=100,wiops=50',
  'io-weight': 'its share when a disk is busy, 1 to 10000 (default: 100)',
} as const;

/** Of a new container. */
export const newLimitHelp = {
  ...limitHelp,
  pids: `most processes and threads at once (default: ${DEFAULT_PIDS}); -1 is any number`,
} as const;

export const limitFields = {
  'limits.cpus': ['cpus'],
  'limits.cpuWeight': ['cpu-weight'],
  'limits.cpusetCpus': ['cpuset-cpus'],
  'limits.cpusetMems': ['cpuset-mems'],
  'limits.memoryBytes': ['memory'],
  'limits.memoryHighBytes': ['memory-high'],
  'limits.swapBytes': ['swap', 'memory-swap'],
  'limits.pids': ['pids', 'pids-limit'],
  'limits.io': ['io'],
  'limits.ioWeight': ['io-weight'],
} as const;

type Values = Partial<Record<Exclude<keyof typeof limitOptions, 'io'>, string>> & { io: string[]; 'storage-opt'?: string[] };

/** Says in the verb's help how a limit is taken away. */
export const NONE_HELP = 'The word "none" takes a limit away.';
const NONE = 'none';
const SUM = '--memory-swap';

type LimitOption = [keyof Omit<Values, 'io' | 'storage-opt'>, LimitName, (text: string, option: string) => number | string];

const OPTIONS: LimitOption[] = [
  ['cpus', 'cpus', parseCpus],
  ['cpu-weight', 'cpuWeight', parseInteger],
  ['cpuset-cpus', 'cpusetCpus', (text) => text],
  ['cpuset-mems', 'cpusetMems', (text) => text],
  ['memory', 'memoryBytes', parseMemory],
  ['memory-high', 'memoryHighBytes', parseMemory],
  ['swap', 'swapBytes', parseMemory],
  ['pids', 'pids', parseInteger],
  ['pids-limit', 'pids', parseInteger],
  ['io-weight', 'ioWeight', parseInteger],
];

/** What was typed as limits of a new container: any number of processes differs from the default. */
export function parseNewLimits(values: Values): NewLimits {
  const limits = parseLimits(values);
  return parseLimitsChange(values).pids === null ? { ...limits, pids: null } : limits;
}

/** What was typed as limits of something new. */
export function parseLimits(values: Values): Limits {
  if ([...Object.values(values), ...values.io].includes(NONE) || parseStorage(values['storage-opt']).storageBytes === null) {
    throw new UsageError('"none" is for changes: leave out what is not to be limited');
  }
  const limits = Object.entries(parseLimitsChange(values)).filter(([, value]) => value !== null);
  return Object.fromEntries(limits) as Limits;
}

/**
 * What was typed as a change: `none` takes a limit away, and what is not named stays. `memoryBytes`: the present limit, where
 * `needsPresentMemory`.
 */
export function parseLimitsChange(values: Values, memoryBytes?: number): LimitsChange {
  onlyOneOf(values, 'pids', 'pids-limit');
  onlyOneOf(values, 'swap', 'memory-swap');
  const entries = OPTIONS.flatMap((entry) => {
    const [option, name] = entry;
    const text = values[option];
    return text === undefined ? [] : [[name, isUnlimited(entry, text) ? null : parseLimit(entry, text)] as const];
  });
  const change: LimitsChange = { ...Object.fromEntries(entries), ...parseIo(values.io), ...parseStorage(values['storage-opt']) };
  const sum = sumOf(values);
  const memory = change.memoryBytes === undefined ? memoryBytes : change.memoryBytes;
  return sum === undefined ? change : { ...change, swapBytes: swapOfSum(sum, memory ?? undefined) };
}

/** Whether a change of swap is given as the sum of both, while memory's part of it stays as it is. */
export function needsPresentMemory(values: Values): boolean {
  const { memory } = values;
  const sum = sumOf(values);
  return sum !== undefined && sum !== NONE && sum !== '-1' && memory === undefined;
}

/** Docker's `--memory-swap`, whose 0 says nothing. */
function sumOf({ 'memory-swap': sum }: Values): string | undefined {
  return sum === '0' ? undefined : sum;
}

/** Null: any amount. */
function swapOfSum(text: string, memoryBytes: number | undefined): number | null {
  if (text === NONE || text === '-1') return null;
  if (memoryBytes === undefined) throw new OptionError(SUM, text, 'it is the sum of memory and swap, and needs a --memory limit');
  const swapBytes = parseBytes(text, SUM, MIN_MEMORY_BYTES) - memoryBytes;
  if (swapBytes < 0) {
    throw new OptionError(SUM, text, `it is the sum of memory and swap, and memory alone is ${formatBytes(memoryBytes)}`);
  }
  return swapBytes;
}

function onlyOneOf(values: Values, one: keyof Values, other: keyof Values): void {
  if (values[one] !== undefined && values[other] !== undefined) throw new UsageError(`give --${one} or --${other}`);
}

/** Docker's 0 and -1 processes are any number. */
function isUnlimited([, name]: LimitOption, text: string): boolean {
  return text === NONE || (name === 'pids' && ['-1', '0', 'unlimited'].includes(text));
}

/** The agent checks it as well, and does not know the option. */
function parseLimit([option, name, parse]: LimitOption, text: string): number | string {
  const limit = parse(text, `--${option}`);
  const [issue] = Limits.shape[name].safeParse(limit).error?.issues ?? [];
  if (issue !== undefined) throw new OptionError(`--${option}`, text, issue.message);
  return limit;
}

function parseMemory(text: string, option: string): number {
  return parseBytes(text, option, MIN_MEMORY_BYTES);
}

function parseIo(texts: readonly string[]): { io?: IoLimit[] | null } {
  if (texts.length === 0) return {};
  if (texts.length === 1 && texts[0] === NONE) return { io: null };
  return { io: texts.map(parseDisk) };
}

const STORAGE = '--storage-opt';

/** Docker's form, `size=1g`; of its other storage options none means anything here. */
function parseStorage(texts: readonly string[] = []): { storageBytes?: number | null } {
  const [text, ...more] = texts;
  if (text === undefined) return {};
  const [, size] = /^size=(.*)$/.exec(text) ?? [];
  if (size === undefined) throw new OptionError(STORAGE, text, 'write it as size=1g');
  if (more.length > 0) throw new UsageError(`give ${STORAGE} once`);
  if (size === NONE) return { storageBytes: null };
  const storageBytes = parseBytes(size, STORAGE, MIN_STORAGE_BYTES);
  const [issue] = Limits.shape.storageBytes.safeParse(storageBytes).error?.issues ?? [];
  if (issue !== undefined) throw new OptionError(STORAGE, text, issue.message);
  return { storageBytes };
}

const RATES = { rbps: 'readBytesPerS', wbps: 'writeBytesPerS', riops: 'readOpsPerS', wiops: 'writeOpsPerS' } as const;

function parseDisk(text: string): IoLimit {
  const wrong = (why: string) => new OptionError('--io', text, why);
  const [, device = '', rates] = /^(\d+:\d+|\/[^:]+(?::[^:=,]+)*?):([a-z]+=.*)$/.exec(text) ?? [];
  if (rates === undefined) throw wrong('write it as DEVICE:rbps=10m,wiops=100');
  const limit: IoLimit = { device };
  for (const rate of rates.split(',')) {
    const [key = '', value = ''] = rate.split('=');
    const name = Object.hasOwn(RATES, key) ? RATES[key as keyof typeof RATES] : undefined;
    if (name === undefined) throw wrong('the rates are rbps, wbps, riops and wiops');
    const size = readSize(value);
    if (typeof size === 'object') throw wrong(`${key}: ${size.wrong}`);
    limit[name] = size;
  }
  const [issue] = IoLimit.safeParse(limit).error?.issues ?? [];
  if (issue !== undefined) throw wrong(issue.message);
  return limit;
}

/** Limits in a few words, as options would set them: `cpus 0.5, memory 64 MiB`. */
export function describeLimits(limits: Limits): string {
  const words: string[] = [];
  const say = (name: string, value: number | string | undefined, unit: (value: never) => string = String) => {
    if (value !== undefined) words.push(`${name} ${unit(value as never)}`);
  };
  say('cpus', limits.cpus);
  say('weight', limits.cpuWeight);
  say('cpuset', limits.cpusetCpus);
  say('mems', limits.cpusetMems);
  say('memory', limits.memoryBytes, formatBytes);
  say('high', limits.memoryHighBytes, formatBytes);
  say('swap', limits.swapBytes, formatBytes);
  say('pids', limits.pids);
  for (const { device, ...rates } of limits.io ?? []) {
    const named = Object.entries(RATES).filter(([, name]) => rates[name] !== undefined);
    words.push(`io ${device} ${named.map(([key, name]) => `${key}=${rates[name]}`).join(' ')}`);
  }
  say('io weight', limits.ioWeight);
  say('storage', limits.storageBytes, formatBytes);
  return words.join(', ');
}
