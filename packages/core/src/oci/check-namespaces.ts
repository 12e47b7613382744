import { InvalidConfig } from './check.ts';
import type { NamespaceType, OciConfig } from './config.ts';

/**
 * Combinations that the kernel refuses, or that would change the host: found here, in words, and not in the middle of a
 * start.
 */
export function checkNamespaces(config: OciConfig): void {
  const { namespaces, uidMappings, gidMappings, timeOffsets, sysctl } = config.linux;
  const refuse = (why: string): never => {
    throw new InvalidConfig('linux.namespaces', why);
  };
  if (new Set(namespaces.map(({ type }) => type)).size !== namespaces.length) refuse('names a type twice');
  const is = (type: NamespaceType): 'own' | 'joined' | 'host' => {
    const found = namespaces.find((namespace) => namespace.type === type);
    return found === undefined ? 'host' : found.path === undefined ? 'own' : 'joined';
  };
  if (is('mount') !== 'own' && config.mounts.length > 0) {
    refuse(`has no mount namespace of its own, and mounts: ${config.mounts[0]?.destination} would be mounted for others too`);
  }
  if (is('user') === 'own') {
    if (!mapsRoot(uidMappings) || !mapsRoot(gidMappings)) {
      throw new InvalidConfig('linux.uidMappings', 'and gidMappings say which ids of the host those from 0 on are');
    }
    // To mount proc, sysfs and mqueue wants CAP_SYS_ADMIN over the user namespace that the other namespace was made in.
    for (const [type, shown] of [
      ['pid', 'proc'],
      ['network', 'sysfs'],
      ['ipc', 'mqueue'],
    ] as const) {
      if (is(type) !== 'own' && config.mounts.some((mount) => mount.type === shown)) {
        refuse(
          `has a ${type} namespace of others with a user namespace of its own, in which the kernel lets nobody mount its ${shown}`,
        );
      }
    }
  } else if (is('user') === 'host' && (uidMappings ?? gidMappings) !== undefined) {
    throw new InvalidConfig('linux.uidMappings', "are for a user namespace, and it has the host's");
  }
  if (timeOffsets !== undefined && is('time') !== 'own') {
    throw new InvalidConfig('linux.timeOffsets', "need a time namespace of its own: the clocks would be others' too");
  }
  for (const [property, value] of [
    ['hostname', config.hostname],
    ['domainname', config.domainname],
  ] as const) {
    if (value !== undefined && is('uts') !== 'own') {
      throw new InvalidConfig(
        property,
        `needs a uts namespace of its own: it would rename ${is('uts') === 'host' ? 'the host' : 'another container'}`,
      );
    }
  }
  for (const name of Object.keys(sysctl ?? {})) {
    const type = namespaceOfSysctl(name);
    if (type === null) throw new InvalidConfig(`linux.sysctl.${name}`, 'is of the whole host: no namespace has one of its own');
    if (is(type) !== 'own') throw new InvalidConfig(`linux.sysctl.${name}`, `needs a ${type} namespace of its own`);
  }
}

function mapsRoot(mappings: OciConfig['linux']['uidMappings']): boolean {
  return mappings?.some(({ containerID }) => containerID === 0) ?? false;
}

/**
 * The type of the namespaces that each have a sysctl of this name, by dots or by slashes; null: it is the whole host's.
 * namespaces(7), ipc_namespaces(7), uts_namespaces(7), network_namespaces(7).
 */
export function namespaceOfSysctl(path: string): NamespaceType | null {
  const name = path.replaceAll('/', '.');
  if (name.startsWith('net.')) return 'network';
  if (name.startsWith('fs.mqueue.')) return 'ipc';
  if (/^kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$/.test(name)) return 'ipc';
  return name === 'kernel.domainname' ? 'uts' : null;
}
