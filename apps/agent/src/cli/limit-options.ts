import { IoLimit, Limits, MIN_MEMORY_BYTES, type LimitName, type LimitsChange } from '@plimsoll/protocol';
import { readSize } from '@plimsoll/protocol/quantities';
import { formatBytes, parseBytes, parseCpus, parseInteger } from './quantities.ts';
import { OptionError, UsageError } from './verb.ts';

/** Options of every verb that limits something. */
export const limitOptions = {
  cpus: { type: 'string' },
  'cpu-weight': { type: 'string' },
  'cpuset-cpus': { type: 'string' },
  'cpuset-mems': { type: 'string' },
  memory: { type: 'string', short: 'm' },
  'memory-high': { type: 'string' },
  swap: { type: 'string' },
  pids: { type: 'string' },
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
  pids: 'most processes and threads at once',
  io: 'most io of a disk a second, any number of times: /dev/sda:rbps=10m,wbps=1m,riops=100,wiops=50',
  'io-weight': 'its share when a disk is busy, 1 to 10000 (default: 100)',
} as const;

type Values = Partial<Record<Exclude<keyof typeof limitOptions, 'io'>, string>> & { io: string[] };

/** Says in the verb's help how a limit is taken away. */
export const NONE_HELP = 'The word "none" takes a limit away.';
const NONE = 'none';

type LimitOption = [keyof Omit<Values, 'io'>, LimitName, (text: string, option: string) => number | string];

const OPTIONS: LimitOption[] = [
  ['cpus', 'cpus', parseCpus],
  ['cpu-weight', 'cpuWeight', parseInteger],
  ['cpuset-cpus', 'cpusetCpus', (text) => text],
  ['cpuset-mems', 'cpusetMems', (text) => text],
  ['memory', 'memoryBytes', parseMemory],
  ['memory-high', 'memoryHighBytes', parseMemory],
  ['swap', 'swapBytes', parseMemory],
  ['pids', 'pids', parseInteger],
  ['io-weight', 'ioWeight', parseInteger],
];

/** What was typed as limits of something new. */
export function parseLimits(values: Values): Limits {
  const change = parseLimitsChange(values);
  const gone = Object.entries(change).find(([, value]) => value === null)?.[0];
  if (gone !== undefined) throw new UsageError('"none" is for changes: leave out what is not to be limited');
  return change as Limits;
}

/** What was typed as a change: `none` takes a limit away, and what is not named stays. */
export function parseLimitsChange(values: Values): LimitsChange {
  const entries = OPTIONS.flatMap((entry) => {
    const [option, name] = entry;
    const text = values[option];
    return text === undefined ? [] : [[name, text === NONE ? null : parseLimit(entry, text)] as const];
  });
  return { ...Object.fromEntries(entries), ...parseIo(values.io) };
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
  return words.join(', ');
}
