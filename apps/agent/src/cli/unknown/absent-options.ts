const NOT_YET = 'is not available yet';
const PORTS = `${NOT_YET}: no ports are published, and --network host --userns host give a container the host's network`;
const ADDRESSES = `${NOT_YET}: a network of its own has loopback alone`;
const HOSTS = `${NOT_YET}: mount a file of your own, -v /host/file:/etc/hosts:ro`;
const RESOLVER = `${NOT_YET}: mount a file of your own, -v /host/file:/etc/resolv.conf:ro`;
const DISK_RATES = 'is --io here, such as --io /dev/sda:rbps=10m,wbps=1m,riops=100,wiops=50';
const REAL_TIME = 'is not available: --cpus and --cpu-weight divide the cpus';
const JSON_INSTEAD = 'is not available yet: --json has every field';
const LOGS = 'is not available: `plimsoll logs` keeps and shows what every container writes';

type Absent = Readonly<Record<string, string>>;

const OF_LIMITS: Absent = {
  '-c, --cpu-shares': 'is --cpu-weight here, from 1 to 10000, 100 unless said',
  '--cpu-quota, --cpu-period, --cpu-count, --cpu-percent': 'is --cpus here: 0.5 is half of one cpu',
  '--cpu-rt-period, --cpu-rt-runtime': REAL_TIME,
  '--memory-reservation': 'is --memory-high here',
  '--memory-swappiness, --kernel-memory': 'is not available: --memory and --swap limit memory',
  '--oom-kill-disable': 'is not available: --oom-score-adj says how gladly the kernel ends it',
  '--blkio-weight': 'is --io-weight here, from 1 to 10000, 100 unless said',
  '--blkio-weight-device': 'is not available: --io-weight is for every disk',
  '--device-read-bps, --device-write-bps, --device-read-iops, --device-write-iops, --io-maxbandwidth, --io-maxiops': DISK_RATES,
};

const OF_CREATE: Absent = {
  ...OF_LIMITS,
  '-t, --tty': `${NOT_YET}: what a container writes goes through pipes, and \`plimsoll logs\` keeps it`,
  '-a, --attach': `${NOT_YET}: without --detach, run shows both streams`,
  '-p, --publish, -P, --publish-all, --expose': PORTS,
  '--restart': `${NOT_YET}: \`plimsoll restart NAME\` starts a container once more`,
  '--privileged': 'is not available: name the rights, --cap-add, --device, --security-opt seccomp=unconfined, --userns host',
  '--add-host': HOSTS,
  '--dns, --dns-search, --dns-option, --dns-opt': RESOLVER,
  '--link': 'is not available: --network container:NAME shares the network of another container',
  '--link-local-ip, --ip, --ip6, --mac-address, --network-alias, --net-alias': ADDRESSES,
  '--init, --init-path': `${NOT_YET}: the command is process 1 of its container and reaps its children itself`,
  '--health-cmd, --health-interval, --health-retries, --health-start-period, --health-start-interval, --health-timeout, --health-on-failure': `${NOT_YET}: \`plimsoll alert create\` watches figures and events of containers`,
  '--no-healthcheck': 'is not needed: there are no health checks yet',
  '--gpus': 'is --device here, for each of the device files',
  '--device-cgroup-rule': 'is --device here: a container may use the devices that it names',
  '--platform, --arch, --os, --variant': "is not available: containers run on this host's architecture",
  '--pull': `${NOT_YET}: \`plimsoll image import\` makes images`,
  '--quiet, -q': 'is not needed: nothing is pulled',
  '--cidfile': `${NOT_YET}: run --detach and create print the id`,
  '--pidfile': `${NOT_YET}: \`plimsoll inspect\` shows the process`,
  '--log-driver, --log-opt': LOGS,
  '--stop-signal': `${NOT_YET}: \`plimsoll kill --signal\` sends any signal`,
  '--stop-timeout': `${NOT_YET}: \`plimsoll stop --time\` says how long to wait`,
  '--volumes-from': 'is not available: name each volume, -v VOLUME:/where',
  '--volume-driver': 'is not available: volumes are directories of this host',
  '--annotation': 'is --label here',
  '--label-file': `${NOT_YET}: give each --label`,
  '--cgroup-parent': 'is --group here',
  '--cgroups': 'is not available: every container has a cgroup',
  '--runtime': 'is not available: Plimsoll makes containers itself, with no runtime beneath',
  '--isolation, --disable-content-trust': 'is not available',
  '--sig-proxy, --detach-keys': 'is not available: the first Ctrl-C stops the container, the second kills it',
  '--pod': 'is not available: --group holds containers together',
  '--replace': `${NOT_YET}: \`plimsoll rm --force NAME\` first`,
  '--secret': `${NOT_YET}: -v /host/file:/where:ro gives a file to a container`,
  '--env-host': 'is not available: name each variable, -e NAME, or give an --env-file',
  '--uidmap, --gidmap, --subuidname, --subgidname': 'is not available: each container has ids of its own, or --userns host',
  '--systemd, --tz, --timezone, --passwd, --hooks-dir': 'is not available',
};

const OF_LISTS: Absent = {
  '-f, --filter': `${NOT_YET}: --json has every field`,
  '--format': JSON_INSTEAD,
  '--no-trunc': 'is not needed: into a pipe nothing is cut, and --json has every field',
  '--digests': 'is not needed: the digest is always shown',
};

/**
 * Options of docker and podman that a verb has under another name or not at all, and what to do instead. The sentence begins
 * with what was typed.
 */
export const ABSENT_OPTIONS: Readonly<Record<string, Absent>> = {
  run: OF_CREATE,
  create: {
    ...OF_CREATE,
    '-i, --interactive': `${NOT_YET}: \`plimsoll run -i\` passes standard input on to a container`,
  },
  update: { ...OF_LIMITS, '--restart': `${NOT_YET}: \`plimsoll restart NAME\` starts a container once more` },
  'group create': OF_LIMITS,
  'group set': OF_LIMITS,
  ps: {
    '-l, --latest': `${NOT_YET}: the newest stands last, \`plimsoll ps -q | tail -n 1\``,
    '-n, --last': `${NOT_YET}: the newest stand last, \`plimsoll ps | tail -n 5\``,
    '-s, --size': `${NOT_YET}: \`plimsoll image ls\` and \`plimsoll volume ls\` show sizes`,
    '--sort, --pod, --ns, --external, --sync, --watch': NOT_YET,
  },
  logs: {
    '--details': 'is not available: `plimsoll inspect` shows labels and environment',
    '--color, --names': 'is not available: one container is shown',
  },
  stats: {
    ...OF_LISTS,
    '-a, --all': 'is not needed: what does not run uses nothing',
    '-i, --interval': `${NOT_YET}: PLIMSOLL_SAMPLE_MS sets it for all`,
    '--no-reset': 'is not needed: into a pipe nothing is reset',
  },
  inspect: { '-f, --format': JSON_INSTEAD, '-s, --size': NOT_YET, '-t, --type': 'is not needed: it is of containers alone' },
  start: {
    '-a, --attach, -i, --interactive': `${NOT_YET}: \`plimsoll logs --follow NAME\` shows what a container writes`,
    '--checkpoint, --detach-keys, --sig-proxy': 'is not available',
  },
  stop: {
    '-s, --signal': `${NOT_YET}: \`plimsoll kill --signal\` sends any signal`,
    '-a, --all': `${NOT_YET}: \`plimsoll stop $(plimsoll ps -rq)\``,
    '-i, --ignore': NOT_YET,
  },
  restart: { '-s, --signal': `${NOT_YET}: \`plimsoll kill --signal\` sends any signal` },
  kill: { '-a, --all': `${NOT_YET}: \`plimsoll kill $(plimsoll ps -rq)\`` },
  rm: {
    '-v, --volumes': 'is not available: a volume outlives its containers, and `plimsoll volume rm` removes it',
    '-l, --link': 'is not available: there are no links',
    '-a, --all': `${NOT_YET}: \`plimsoll rm --force $(plimsoll ps -q)\``,
    '-t, --time': `${NOT_YET}: \`plimsoll stop --time\` first`,
  },
  wait: { '--condition': `${NOT_YET}: it waits for the end`, '-i, --interval, --ignore': 'is not needed' },
  events: { '--filter': 'is --kind, --container, --group, --who and --text here', '--format': JSON_INSTEAD },
  info: { '-f, --format': JSON_INSTEAD },
  version: { '-f, --format': NOT_YET },
  'image ls': OF_LISTS,
  'image rm': {
    '-f, --force': 'is not available: an image that a container uses stays',
    '--no-prune': 'is not needed: an image has one layer',
    '-a, --all': `${NOT_YET}: \`plimsoll image rm $(plimsoll image ls -q)\``,
  },
  'image import': {
    '-c, --change, -m, --message, --platform': `${NOT_YET}: options of run say what to run`,
  },
  'volume ls': OF_LISTS,
  'volume rm': { '-f, --force': 'is not available: a volume that a container uses stays' },
  'volume create': { '-d, --driver, -o, --opt': 'is not available: volumes are directories of this host' },
};
