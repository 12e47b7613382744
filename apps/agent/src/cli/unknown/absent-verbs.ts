const NOT_YET = 'is not available yet';
const IMPORT = '`plimsoll image import NAME PATH` makes an image of a rootfs tar or directory';
const NETWORKS =
  "a container's network is its own, the host's (--network host --userns host) or another container's (--network container:NAME)";
const TAR = '`plimsoll run --rm -v /host/path:/out:idmap IMAGE tar -C / --one-file-system -cf /out/rootfs.tar .`';
const ONE_HOST = 'is not available: Plimsoll runs the containers of one host';
const NO_REGISTRY = `is not available: no registry is used, and ${IMPORT}`;

/**
 * Verbs of docker and podman that Plimsoll has under another name or not at all, and what to do instead. The sentence begins with
 * what was typed.
 */
export const ABSENT_VERBS: Readonly<Record<string, string>> = {
  attach: `${NOT_YET}: \`plimsoll logs --follow NAME\` shows what a container writes`,
  build: `${NOT_YET}: build the rootfs with another tool, and ${IMPORT}`,
  buildx: `${NOT_YET}: build the rootfs with another tool, and ${IMPORT}`,
  checkpoint: `${NOT_YET}: \`plimsoll freeze NAME\` holds a container still`,
  commit: `${NOT_YET}: ${IMPORT}`,
  compose: `${NOT_YET}: a group holds containers together, \`plimsoll run --group NAME\``,
  config: ONE_HOST,
  container: 'is left out here: write `plimsoll ps`, `plimsoll stop`, `plimsoll rm`',
  'container list': 'is `plimsoll ps` here',
  'container ls': 'is `plimsoll ps` here',
  'container prune': `${NOT_YET}: \`plimsoll rm $(plimsoll ps -q --filter status=exited)\` removes those that have ended`,
  context: ONE_HOST,
  cp: `${NOT_YET}: \`plimsoll run -v /host/path:/where\` shares files with a container`,
  delete: 'is `plimsoll rm` here',
  df: 'is `plimsoll image ls` and `plimsoll volume ls` here',
  diff: `${NOT_YET}: \`plimsoll run --rm --pid container:NAME --mntns container:NAME -- find / -xdev -mmin -60\` shows which files of one that runs have changed within an hour`,
  exec: `${NOT_YET}: \`plimsoll run --rm --pid container:NAME --mntns container:NAME --network container:NAME -- COMMAND\` runs a command beside those of a container`,
  exists: 'is `plimsoll inspect NAME` here, which ends with 0 where there is such a container',
  export: `${NOT_YET}: \`plimsoll run -v /host/path:/where\` shares files with a container`,
  generate: `${NOT_YET}: \`plimsoll inspect --json NAME\` has what a container was made with`,
  healthcheck: `${NOT_YET}: \`plimsoll alert create\` watches figures and events of containers`,
  history: 'is not available: an image has one layer, and `plimsoll image ls` shows where it came from',
  'image history': 'is not available: an image has one layer, and `plimsoll image ls` shows where it came from',
  'image inspect': 'is `plimsoll image ls --json` here',
  'image list': 'is `plimsoll image ls` here',
  'image prune': `${NOT_YET}: \`plimsoll image ls\` shows which no container uses, and \`plimsoll image rm NAME…\` removes them`,
  'image remove': 'is `plimsoll image rm` here',
  import: 'is `plimsoll image import NAME PATH` here',
  init: NOT_YET,
  kube: ONE_HOST,
  list: 'is `plimsoll ps` for containers, `plimsoll image ls`, `plimsoll volume ls` or `plimsoll group ls`',
  load: `${NOT_YET}: ${IMPORT}`,
  login: NO_REGISTRY,
  logout: NO_REGISTRY,
  ls: 'is `plimsoll ps` for containers, `plimsoll image ls`, `plimsoll volume ls` or `plimsoll group ls`',
  manifest: NO_REGISTRY,
  mount: `${NOT_YET}: \`plimsoll run -v /host/path:/where\` shares files with a container`,
  network: `is not available yet: ${NETWORKS}`,
  node: ONE_HOST,
  play: ONE_HOST,
  plugin: 'is not available: Plimsoll has no plugins',
  pod: 'is not available: a group holds containers together, and --network container:NAME shares a network',
  port: `${NOT_YET}: no ports are published, and ${NETWORKS}`,
  prune: `${NOT_YET}: \`plimsoll rm\`, \`plimsoll image rm\` and \`plimsoll volume rm\` remove what you name`,
  pull: `${NOT_YET}: ${IMPORT}`,
  push: `${NOT_YET}: images stay on this host`,
  remove: 'is `plimsoll rm` here',
  save: `${NOT_YET}: ${TAR} writes the files of an image that has tar`,
  search: NO_REGISTRY,
  secret: `${NOT_YET}: \`plimsoll run -v /host/path:/where:ro\` gives a file to a container`,
  service: ONE_HOST,
  stack: ONE_HOST,
  swarm: ONE_HOST,
  system:
    'is not available: write `plimsoll info`, `plimsoll doctor`, `plimsoll events`, `plimsoll image ls` or `plimsoll volume ls`',
  'system df': 'is `plimsoll image ls` and `plimsoll volume ls` here, which show sizes',
  'system events': 'is `plimsoll events` here',
  'system info': 'is `plimsoll info` here',
  'system prune': `${NOT_YET}: \`plimsoll rm\`, \`plimsoll image rm\` and \`plimsoll volume rm\` remove what you name`,
  tag: `${NOT_YET}: import it once more under the other name`,
  trust: NO_REGISTRY,
  unmount: NOT_YET,
  untag: 'is `plimsoll image rm` here',
  'volume inspect': 'is `plimsoll volume ls --json` here',
  'volume list': 'is `plimsoll volume ls` here',
  'volume prune': `${NOT_YET}: \`plimsoll volume ls\` shows which no container uses, and \`plimsoll volume rm NAME…\` removes them`,
  'volume remove': 'is `plimsoll volume rm` here',
};

/** First words that stand before a verb in docker: what follows is looked up by itself. */
export const ABSENT_PREFIXES: readonly string[] = ['container', 'image', 'system'];
