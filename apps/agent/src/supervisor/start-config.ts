import {
  CGROUP_DIRECTORY,
  DEFAULT_MOUNTS,
  DEFAULT_READONLY_PATHS,
  DEFAULT_SECCOMP_PROFILE,
  idMap,
  InvalidConfig,
  namespacePath,
  validateConfig,
  type NamespaceType,
  type OciConfig,
} from '@plimsoll/core';
import type { ContainerDefinition } from './protocol.ts';

/** A container whose namespaces another one joins, as far as that one needs to know it. */
export interface Joinable {
  name: string;
  definition: ContainerDefinition;
  /** Its first process. */
  pid: number;
  /** Of the ids of its user namespace; null: it runs in the host's. */
  firstId: number | null;
}

/** The definition with a range of host ids for a user namespace of its own. `first`: of that range. */
export function withIds(definition: ContainerDefinition, first: number): ContainerDefinition {
  const { config } = definition;
  const linux = config['linux'] as OciConfig['linux'];
  return { ...definition, config: { ...config, linux: { ...linux, uidMappings: idMap(first), gidMappings: idMap(first) } } };
}

export function needsIds({ config }: ContainerDefinition): boolean {
  const linux = config['linux'] as Partial<OciConfig['linux']> | undefined;
  const isOwn = linux?.namespaces?.some(({ type, path }) => type === 'user' && path === undefined) ?? false;
  return isOwn && linux?.uidMappings === undefined;
}

/** Of the range that its files belong to; null: they are the host's own root's. */
export function firstId({ linux }: OciConfig): number | null {
  return linux.uidMappings?.find(({ containerID }) => containerID === 0)?.hostID ?? null;
}

/** Process 1 stands for whoever is joined, until there is somebody. */
const ANYBODY = 1;

/** Its config with something in the place of what it joins: its id maps are those of a user namespace that it will have. */
function withPlaceholders({ config, sharing }: ContainerDefinition): unknown {
  const linux = config['linux'] as Partial<OciConfig['linux']> | undefined;
  if (sharing.user === undefined || !Array.isArray(linux?.namespaces)) return config;
  const user = { type: 'user', path: namespacePath(ANYBODY, 'user') };
  return { ...config, linux: { ...linux, namespaces: [...linux.namespaces, user] } };
}

/** Checks a definition as it will be carried out, whoever it will join. Throws InvalidConfig. */
export function checkDefinition(definition: ContainerDefinition): OciConfig {
  const config = validateConfig(withPlaceholders(definition));
  const { namespaces } = config.linux;
  const own = { ...config, linux: { ...config.linux, namespaces: namespaces.filter(({ path }) => path === undefined) } };
  validateConfig(startConfig(definition, own, () => ({ name: '', definition, pid: ANYBODY, firstId: firstId(config) })));
  return own;
}

/** To show proc, sysfs and mqueue, which are of these, takes rights over the user namespace that they were made in. */
const OWNED = ['pid', 'network', 'ipc'] as const;

/**
 * The config of one start: the definition's, with what is only known by now. `find` gives the container that is joined, and
 * throws where it does not run. `config` may differ from the definition's by its limits.
 */
export function startConfig(definition: ContainerDefinition, defined: OciConfig, find: (id: string) => Joinable): OciConfig {
  const { sharing, seccomp } = definition;
  // A container that runs in the host's user namespace has no other to share.
  const isHost = sharing.user !== undefined && find(sharing.user).firstId === null;
  const config = withDefaults(isHost ? withoutUserNamespace(defined) : defined);
  const joined = (Object.entries(sharing) as [NamespaceType, string][]).filter(([type]) => !(isHost && type === 'user'));
  const own = config.linux.namespaces;
  for (const [type, id] of joined) {
    if (own.some((namespace) => namespace.type === type)) {
      throw new InvalidConfig('linux.namespaces', `has a ${type} namespace that is both its own and another's`);
    }
    const { name, firstId: theirs } = find(id);
    const ours = firstId(config);
    if (OWNED.some((one) => one === type) && ours !== null && ours !== theirs) {
      throw new InvalidConfig('linux.namespaces', `joins the ${type} namespace of "${name}", and not its user namespace`);
    }
  }
  const namespaces = [...own, ...joined.map(([type, id]) => ({ type, path: namespacePath(find(id).pid, type) }))];
  const linux = { ...config.linux, namespaces, ...(seccomp === 'default' && { seccomp: DEFAULT_SECCOMP_PROFILE }) };
  return { ...config, linux };
}

/** Option of devpts. */
const MOST_TERMINALS = DEFAULT_MOUNTS.filter(({ type }) => type === 'devpts').flatMap(({ options }) =>
  options.filter((option) => option.startsWith('max=')),
);

const CGROUP_MOUNTS = DEFAULT_MOUNTS.filter(({ type }) => type === 'cgroup');

/** A definition of an earlier version may lack some of what is read-only by default, the bound of its terminals, and its cgroup. */
function withDefaults(config: OciConfig): OciConfig {
  const { readonlyPaths } = config.linux;
  const missing = readonlyPaths.length === 0 ? [] : DEFAULT_READONLY_PATHS.filter((path) => !readonlyPaths.includes(path));
  const lacksCgroup = !config.mounts.some(({ destination }) => destination === CGROUP_DIRECTORY);
  const mounts = config.mounts.flatMap((mount) => {
    if (lacksCgroup && mount.type === 'sysfs' && mount.destination === '/sys') return [mount, ...CGROUP_MOUNTS];
    const isBounded = mount.type !== 'devpts' || mount.options.some((option) => option.startsWith('max='));
    return isBounded ? [mount] : [{ ...mount, options: [...mount.options, ...MOST_TERMINALS] }];
  });
  return { ...config, mounts, linux: { ...config.linux, readonlyPaths: [...readonlyPaths, ...missing] } };
}

/** The same in the host's user namespace: where the kernel cannot show its files by other ids. */
export function withoutUserNamespace(config: OciConfig): OciConfig {
  const { uidMappings: _uid, gidMappings: _gid, namespaces, ...linux } = config.linux;
  return { ...config, linux: { ...linux, namespaces: namespaces.filter(({ type }) => type !== 'user') } };
}
