import { ALERT_METRICS, EVENT_KINDS, RLIMITS } from '@plimsoll/protocol';

/** Where candidates come from: the agent's lists, the shell's files, or a few words. */
export type Source =
  | 'containers'
  | 'running'
  | 'frozen'
  | 'startable'
  | 'joinable'
  | 'groups'
  | 'images'
  | 'volumes'
  | 'volume-mounts'
  | 'rules'
  | 'cgroups'
  | 'changeable-cgroups'
  | 'seccomp-profiles'
  | 'files'
  | readonly string[];

/** What a verb's words are: of each in turn, the last for all that follow. */
export const POSITIONALS: Readonly<Record<string, readonly (Source | null)[]>> = {
  run: ['images', null],
  create: ['images', null],
  start: ['startable'],
  stop: ['running'],
  restart: ['containers'],
  kill: ['running'],
  freeze: ['running'],
  thaw: ['frozen'],
  wait: ['containers'],
  rm: ['containers'],
  rename: ['containers', null],
  update: ['containers', null],
  inspect: ['containers', null],
  isolation: ['running', null],
  logs: ['containers', null],
  top: ['running', null],
  stats: ['running'],
  'group set': ['groups', null],
  'group freeze': ['groups'],
  'group thaw': ['groups'],
  'group kill': ['groups'],
  'group rm': ['groups'],
  'group create': [null],
  'cgroup inspect': ['cgroups', null],
  'cgroup freeze': ['changeable-cgroups', null],
  'cgroup thaw': ['changeable-cgroups', null],
  'cgroup kill': ['changeable-cgroups', null],
  'image import': [null, 'files', null],
  'image rm': ['images'],
  'volume rm': ['volumes'],
  'alert rm': ['rules'],
  'alert test': ['rules', null],
  completion: [['bash', 'zsh', 'fish'], null],
};

const FILTERS = ['name=', 'id=', 'status=', 'label=', 'group=', 'image=', 'exited='];
const STATUSES = ['created', 'starting', 'running', 'frozen', 'stopping', 'exited', 'failed'];
const SECURITY = [
  ...['seccomp=unconfined', 'seccomp=default', 'seccomp='],
  ...['apparmor=', 'label=', 'no-new-privileges=true', 'no-new-privileges=false'],
];
/** With their families, which stand before the first point. */
const KINDS = [...new Set(EVENT_KINDS.flatMap((kind) => [kind.split('.', 1)[0] ?? kind, kind]))];
const SIGNALS = ['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CONT', 'STOP', 'WINCH'];
const WHOSE: readonly Source[] = [['private', 'host'], 'joinable'];

const OF_CREATE: Readonly<Record<string, readonly Source[]>> = {
  image: ['images'],
  group: ['groups'],
  volume: ['volume-mounts'],
  'env-file': ['files'],
  device: ['files'],
  'security-opt': [SECURITY, 'seccomp-profiles'],
  ulimit: [RLIMITS.map((name) => `${name}=`)],
  'cap-add': [['ALL']],
  'cap-drop': [['ALL']],
  ...Object.fromEntries(
    ['userns', 'pid', 'ipc', 'uts', 'network', 'net', 'cgroupns', 'mntns', 'time'].map((option) => [option, WHOSE]),
  ),
};

/** Values of a verb's options, by their long names. */
export const VALUES: Readonly<Record<string, Readonly<Record<string, readonly Source[]>>>> = {
  run: OF_CREATE,
  create: OF_CREATE,
  kill: { signal: [SIGNALS] },
  ps: { filter: [FILTERS, STATUSES.map((status) => `status=${status}`)], format: [['json', 'table ']] },
  events: { kind: [KINDS], container: ['containers'], group: ['groups'] },
  usage: {
    by: [['container', 'group', 'image', 'label:']],
    container: ['containers'],
    group: ['groups'],
    image: ['images'],
  },
  'alert create': {
    metric: [Object.keys(ALERT_METRICS)],
    container: ['containers'],
    group: ['groups'],
    'secret-file': ['files'],
  },
};
