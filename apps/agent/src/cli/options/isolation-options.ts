import { readFileSync } from 'node:fs';
import {
  RLIMITS,
  type CreateContainerInput,
  type IsolationRequest,
  type NamespaceType,
  type NamespaceRequest,
  type RlimitName,
} from '@plimsoll/protocol';
import { parseOffset } from '@plimsoll/protocol/quantities';
import { parseInteger, parsePair } from './quantities.ts';
import { OptionError, type UsageError } from '../verb.ts';
import { parseTmpfs } from './tmpfs-options.ts';

/** Options of what divides a container from the host; docker's words where it has any. */
export const isolationOptions = {
  user: { type: 'string', short: 'u' },
  'group-add': { type: 'string', multiple: true, default: [] as string[] },
  umask: { type: 'string' },
  userns: { type: 'string' },
  pid: { type: 'string' },
  ipc: { type: 'string' },
  uts: { type: 'string' },
  network: { type: 'string' },
  net: { type: 'string' },
  cgroupns: { type: 'string' },
  mntns: { type: 'string' },
  time: { type: 'string' },
  'time-offset': { type: 'string', multiple: true, default: [] as string[] },
  'cap-add': { type: 'string', multiple: true, default: [] as string[] },
  'cap-drop': { type: 'string', multiple: true, default: [] as string[] },
  'security-opt': { type: 'string', multiple: true, default: [] as string[] },
  'read-only': { type: 'boolean', default: false },
  tmpfs: { type: 'string', multiple: true, default: [] as string[] },
  device: { type: 'string', multiple: true, default: [] as string[] },
  sysctl: { type: 'string', multiple: true, default: [] as string[] },
  ulimit: { type: 'string', multiple: true, default: [] as string[] },
  'oom-score-adj': { type: 'string' },
  domainname: { type: 'string' },
} as const;

export const isolationHelp = {
  user: 'who its command runs as: 1000, 1000:1000, or a name of the image (default: its root)',
  'group-add': 'one more group of the user, any number of times',
  umask: 'what new files do not allow, in octal (default: 022)',
  userns: 'whose user and group ids',
  pid: 'whose processes it sees; the user namespace goes with it unless that is said',
  ipc: 'whose shared memory and queues, likewise',
  uts: 'whose host name',
  network: 'whose network; the user namespace goes with it unless that is said. host needs --userns host as well',
  net: 'the same',
  cgroupns: 'whose root of cgroups',
  mntns: 'whose mounts, and with them files',
  time: 'whose clocks',
  'time-offset': 'how far its clocks are ahead: 90, 2h, -30d; or one of them, monotonic=2h, boottime=-30d',
  'cap-add':
    'a capability more than the default ones: NET_RAW, or ALL; several by commas. A user other than root has these alone',
  'cap-drop': 'a capability less, or ALL',
  'security-opt':
    'seccomp=FILE or =unconfined, apparmor=PROFILE, label=CONTEXT (SELinux), no-new-privileges=false; any number of times',
  'read-only': 'nothing of the image can be changed',
  tmpfs: 'a directory in memory: /run, /run:size=64m,mode=755; also size=50%, uid=, gid=, nr_inodes=, exec, suid',
  device: 'a device of the host: /dev/fuse, /dev/sdb:/dev/disk:r',
  sysctl: 'NAME=value for a sysctl of its own namespaces',
  ulimit: 'NAME=soft or NAME=soft:hard: nofile=1024:4096; -1 is unlimited',
  'oom-score-adj': 'how gladly the kernel ends it when the host is out of memory: -1000 to 1000',
  domainname: 'its NIS domain name',
} as const;

export const isolationFields = {
  user: ['user'],
  groups: ['group-add'],
  umask: ['umask'],
  'namespaces.user': ['userns'],
  'namespaces.pid': ['pid'],
  'namespaces.ipc': ['ipc'],
  'namespaces.uts': ['uts'],
  'namespaces.network': ['network', 'net'],
  'namespaces.cgroup': ['cgroupns'],
  'namespaces.mount': ['mntns'],
  'namespaces.time': ['time'],
  timeOffsets: ['time-offset'],
  'capabilities.add': ['cap-add'],
  'capabilities.drop': ['cap-drop'],
  capabilities: ['cap-add', 'cap-drop'],
  noNewPrivileges: ['security-opt'],
  seccomp: ['security-opt'],
  appArmor: ['security-opt'],
  seLinux: ['security-opt'],
  readOnly: ['read-only'],
  tmpfs: ['tmpfs', 'mount'],
  devices: ['device'],
  sysctls: ['sysctl'],
  rlimits: ['ulimit'],
  oomScoreAdj: ['oom-score-adj'],
  domainname: ['domainname'],
} as const;

/** Headings, by the option that each stands above. */
export const isolationSections = {
  user: 'User',
  userns: 'Namespaces: private (the default), host (for root on the host), or container:NAME',
  'cap-add': 'Rights',
  'read-only': 'Files and devices',
  sysctl: 'Settings',
} as const;

type Options = typeof isolationOptions;
type Values = { [N in keyof Options as Options[N] extends { multiple: true } ? N : never]: string[] } & {
  'read-only': boolean;
} & { [N in keyof Options as Options[N] extends { multiple: true } | { type: 'boolean' } ? never : N]?: string | undefined };

type Request = Pick<CreateContainerInput, keyof IsolationRequest>;

/** What was typed, as a part of a request. A seccomp profile is read here: it is a file of who types. */
export function parseIsolation(values: Values): Request {
  const umask = values.umask === undefined ? undefined : parseOctal(values.umask, '--umask');
  return {
    ...(values.user !== undefined && { user: values.user }),
    groups: values['group-add'],
    ...(umask !== undefined && { umask }),
    namespaces: parseNamespaces(values),
    timeOffsets: Object.assign({}, ...values['time-offset'].map(parseTimeOffset)) as Request['timeOffsets'],
    capabilities: { add: words(values['cap-add']), drop: words(values['cap-drop']) },
    ...parseSecurity(values['security-opt']),
    readOnly: values['read-only'],
    tmpfs: values.tmpfs.map(parseTmpfs),
    devices: values.device.map(parseDevice),
    sysctls: Object.fromEntries(values.sysctl.map((text) => parsePair(text, '--sysctl'))),
    rlimits: Object.fromEntries(values.ulimit.map(parseUlimit)),
    ...(values['oom-score-adj'] !== undefined && { oomScoreAdj: parseSigned(values['oom-score-adj'], '--oom-score-adj') }),
    ...(values.domainname !== undefined && { domainname: values.domainname }),
  };
}

const NAMESPACE_OPTIONS = {
  userns: 'user',
  pid: 'pid',
  ipc: 'ipc',
  uts: 'uts',
  network: 'network',
  net: 'network',
  cgroupns: 'cgroup',
  mntns: 'mount',
  time: 'time',
} as const satisfies Partial<Record<keyof Options, NamespaceType>>;

function parseNamespaces(values: Values): Partial<Record<NamespaceType, NamespaceRequest>> {
  const options = Object.entries(NAMESPACE_OPTIONS) as [keyof typeof NAMESPACE_OPTIONS, NamespaceType][];
  return Object.fromEntries(
    options.flatMap(([option, type]) => {
      const text = values[option];
      return text === undefined ? [] : [[type, parseWhose(text, `--${option}`)]];
    }),
  );
}

function parseWhose(text: string, option: string): NamespaceRequest {
  if (text === 'private' || text === 'host') return text;
  const container = /^container:(.+)$/.exec(text)?.[1];
  if (container === undefined) throw new OptionError(option, text, 'it is private, host, or container:NAME');
  return { container };
}

/** `monotonic=2h`, `boottime=-30d`, `90`: seconds, or with their unit. */
function parseTimeOffset(text: string): { monotonicS?: number; boottimeS?: number } {
  const [, clock, offset = ''] = /^(?:(monotonic|boottime)=)?(.+)$/.exec(text) ?? [];
  const seconds = parseOffset(offset);
  if (seconds === null) {
    throw new OptionError('--time-offset', text, 'write it as monotonic=90, boottime=-30d, or 2h for both clocks');
  }
  return { ...(clock !== 'boottime' && { monotonicS: seconds }), ...(clock !== 'monotonic' && { boottimeS: seconds }) };
}

function words(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(','));
}

function parseSecurity(texts: readonly string[]): Pick<Request, 'seccomp' | 'appArmor' | 'seLinux' | 'noNewPrivileges'> {
  const request: ReturnType<typeof parseSecurity> = {};
  for (const text of texts) {
    const wrong = (why: string) => new OptionError('--security-opt', text, why);
    const at = text.search(/[=:]/);
    const [key, value] = at < 0 ? [text, 'true'] : [text.slice(0, at), text.slice(at + 1)];
    if (key === 'seccomp') {
      request.seccomp = value === 'unconfined' || value === 'default' ? value : { profile: readProfile(value, wrong) };
    } else if (key === 'apparmor') {
      request.appArmor = value;
    } else if (key === 'label' || key === 'selinux') {
      // Docker's "label=type:…" changes a part of a context that its engine has; here there is none to begin with.
      if (value.split(':').length < 3) throw wrong('give the whole context, system_u:system_r:container_t:s0');
      request.seLinux = value;
    } else if (key === 'no-new-privileges' && (value === 'true' || value === 'false')) {
      request.noNewPrivileges = value === 'true';
    } else {
      throw wrong('it is one of seccomp=…, apparmor=…, label=…, no-new-privileges=true or =false');
    }
  }
  return request;
}

function readProfile(path: string, wrong: (why: string) => UsageError): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`the profile cannot be read: ${(error as Error).message}`);
  }
}

/** `/dev/fuse`, `/dev/fuse:r`, `/dev/sdb:/dev/disk:rw`. */
function parseDevice(text: string): NonNullable<Request['devices']>[number] {
  const [path = '', ...more] = text.split(':');
  const access = more.at(-1)?.startsWith('/') === false ? more.pop() : undefined;
  const [destination, tooMany] = more;
  if (tooMany !== undefined) throw new OptionError('--device', text, 'write it as /dev/here, or as /dev/here:/dev/there:rw');
  return { path, ...(destination !== undefined && { destination }), ...(access !== undefined && { access }) };
}

/** `nofile=1024`, `nofile=1024:4096`, `core=-1`. */
function parseUlimit(text: string): [RlimitName, NonNullable<Request['rlimits']>[RlimitName]] {
  const [name, values] = parsePair(text, '--ulimit');
  const rlimit = RLIMITS.find((one) => one === name);
  if (rlimit === undefined) throw new OptionError('--ulimit', text, `"${name}" is none of ${RLIMITS.join(', ')}`);
  const [soft = '', hard = soft, more] = values.split(':');
  if (more !== undefined) throw new OptionError('--ulimit', text, 'write it as NAME=soft:hard');
  const limit = (value: string) =>
    value === '-1' || value === 'unlimited' ? 'unlimited' : parseInteger(value, `--ulimit "${text}":`);
  return [rlimit, { soft: limit(soft), hard: limit(hard) }];
}

function parseOctal(text: string, option: string): number {
  if (!/^[0-7]{1,5}$/.test(text)) throw new OptionError(option, text, 'give it in octal, such as 022');
  return Number.parseInt(text, 8);
}

function parseSigned(text: string, option: string): number {
  if (!/^[+-]?\d{1,6}$/.test(text)) throw new OptionError(option, text, 'give a whole number');
  return Number(text);
}
