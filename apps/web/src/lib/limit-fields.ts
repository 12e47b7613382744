import { DEFAULT_PIDS, type HostReport, type LimitName } from '@plimsoll/protocol';

/** In a limit's field: none. */
export const UNLIMITED = 'unlimited';

/** A limit that is one value; `io` is a list, and has a control of its own. */
export type PlainLimit = Exclude<LimitName, 'io'>;

export interface LimitField {
  name: PlainLimit;
  label: string;
  hint: string;
  placeholder: string;
  /** Of a new container: what empty is then, where it differs. */
  whenNew?: { hint: string; placeholder: string };
  kind: 'number' | 'whole' | 'size' | 'list';
}

/** In the order of the form. The placeholder says what empty is. */
export const LIMIT_FIELDS: readonly LimitField[] = [
  { name: 'cpus', label: 'CPU limit', hint: 'Cpus, such as 0.5', placeholder: 'unlimited', kind: 'number' },
  { name: 'memoryBytes', label: 'Memory limit', hint: 'Such as 256m or 1.5g', placeholder: 'unlimited', kind: 'size' },
  {
    name: 'pids',
    label: 'Process limit',
    hint: 'Threads count too',
    placeholder: UNLIMITED,
    whenNew: { hint: `Threads count too; "${UNLIMITED}" lifts the limit`, placeholder: String(DEFAULT_PIDS) },
    kind: 'whole',
  },
  { name: 'cpuWeight', label: 'CPU weight', hint: 'Its share of busy cpus, 1 to 10000', placeholder: '100', kind: 'whole' },
  {
    name: 'memoryHighBytes',
    label: 'Soft memory limit',
    hint: 'Past it memory is taken back',
    placeholder: 'none',
    kind: 'size',
  },
  { name: 'swapBytes', label: 'Swap limit', hint: 'Beside the memory limit, such as 0', placeholder: 'unlimited', kind: 'size' },
  { name: 'ioWeight', label: 'Disk weight', hint: 'Its share of busy disks, 1 to 10000', placeholder: '100', kind: 'whole' },
  {
    name: 'storageBytes',
    label: 'Storage limit',
    hint: 'What it writes outside of volumes, such as 1g',
    placeholder: 'unlimited',
    kind: 'size',
  },
  { name: 'cpusetCpus', label: 'Only on cpus', hint: 'A list, such as 0-3,6', placeholder: 'all', kind: 'list' },
  { name: 'cpusetMems', label: 'Only memory nodes', hint: 'A list, such as 0', placeholder: 'all', kind: 'list' },
];

/** What carries a limit out, a cgroup controller mostly, by its name in the host's report. */
const CONTROLLERS: Readonly<Record<LimitName, string>> = {
  cpus: 'cpu',
  cpuWeight: 'cpu',
  cpusetCpus: 'cpuset',
  cpusetMems: 'cpuset',
  memoryBytes: 'memory',
  memoryHighBytes: 'memory',
  swapBytes: 'memory',
  pids: 'pids',
  io: 'io',
  ioWeight: 'io',
  storageBytes: 'project quotas',
};

/** Of a container alone: a group has no layer. */
export const CONTAINER_LIMITS: ReadonlySet<LimitName> = new Set(['storageBytes']);

/** What a limit needs beside its controller, where the host's report tells of it. */
const FEATURES: Partial<Readonly<Record<LimitName, string>>> = { ioWeight: 'io weight', swapBytes: 'swap' };

export type MissingLimits = Partial<Record<LimitName, string>>;

/** The limits that this host cannot carry out, each with the reason. */
export function missingLimits(report: Pick<HostReport, 'controllers' | 'kernelFeatures'> | null): MissingLimits {
  const features = new Map([...(report?.kernelFeatures ?? []), ...(report?.controllers ?? [])].map((one) => [one.name, one]));
  const missing: MissingLimits = {};
  for (const name of Object.keys(CONTROLLERS) as LimitName[]) {
    const lacking = [CONTROLLERS[name], FEATURES[name] ?? ''].find((needed) => features.get(needed)?.available === false);
    if (lacking !== undefined) missing[name] = `Not on this host: ${lacking}: ${features.get(lacking)?.detail ?? ''}`;
  }
  return missing;
}

/** Which limit a cgroup's interface file holds: v2's names, and v1's. */
const FILES: readonly [file: RegExp, limit: LimitName][] = [
  [/^cpu\.(?:max|cfs_quota_us|cfs_period_us)$/, 'cpus'],
  [/^cpu\.(?:weight|shares)$/, 'cpuWeight'],
  [/^cpuset\.cpus$/, 'cpusetCpus'],
  [/^cpuset\.mems$/, 'cpusetMems'],
  [/^memory\.(?:max|limit_in_bytes)$/, 'memoryBytes'],
  [/^memory\.(?:high|soft_limit_in_bytes)$/, 'memoryHighBytes'],
  [/^memory\.(?:swap\.max|memsw\.limit_in_bytes)$/, 'swapBytes'],
  [/^pids\.max$/, 'pids'],
  [/^(?:io\.max|blkio\.throttle\.)/, 'io'],
  [/^project quota/, 'storageBytes'],
  [/^(?:io\.weight|io\.bfq\.weight|blkio\.bfq\.weight|blkio\.weight)$/, 'ioWeight'],
];

export function limitOfFile(file: string): LimitName | undefined {
  return FILES.find(([pattern]) => pattern.test(file))?.[1];
}

/** What errors call a limit where they do not name its field. The longer ones first: each is looked for in turn. */
const PHRASES: readonly [phrase: string, limit: LimitName][] = [
  ['layer cannot be limited', 'storageBytes'],
  ['soft memory limit', 'memoryHighBytes'],
  ['swap limit', 'swapBytes'],
  ['memory limit', 'memoryBytes'],
  ['memory nodes', 'cpusetMems'],
  ['choose the cpus', 'cpusetCpus'],
  ['cpu weight', 'cpuWeight'],
  ['cpu limit', 'cpus'],
  ['cpu period', 'cpus'],
  ['process limit', 'pids'],
  ['io weight', 'ioWeight'],
  ['io limit', 'io'],
];

/** The limit that an error of the agent is about. */
export function limitAbout(message: string): LimitName | undefined {
  const named = /\blimits\.(\w+)/.exec(message)?.[1];
  if (named !== undefined && Object.hasOwn(CONTROLLERS, named)) return named as LimitName;
  return PHRASES.find(([phrase]) => message.includes(phrase))?.[1];
}
