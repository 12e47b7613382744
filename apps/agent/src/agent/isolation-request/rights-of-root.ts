import { DEFAULT_CAPABILITIES } from '@plimsoll/core';
import { NamespaceType, PlimsollError, type IsolationRequest, type RlimitName } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';
import { isPrivateByDefault, originOf, sharingOf, type FindContainer, type Namespaces, type Neighbour } from './namespaces.ts';

/** What docker gives every container: those that reach no further than it. */
const HARMLESS: readonly string[] = [...DEFAULT_CAPABILITIES, 'CAP_AUDIT_WRITE', 'CAP_MKNOD', 'CAP_NET_RAW'];

/** sched(7): what runs in real time, or before everybody else, takes the cpu from the host. */
const OVER_THE_HOST: readonly RlimitName[] = ['nice', 'rtprio'];

/** A request once its namespaces and capabilities are known. */
export interface Asked extends Pick<
  IsolationRequest,
  'noNewPrivileges' | 'seccomp' | 'appArmor' | 'seLinux' | 'devices' | 'rlimits' | 'oomScoreAdj'
> {
  namespaces: Namespaces;
  capabilities: readonly string[];
}

/**
 * What hands the host over, or a part of it, is for who has it already: root on the host. Throws `forbidden` for anybody
 * else. Whoever shares a namespace with a container that root gave such a right is next to it: that is refused as well.
 */
export function requireRights({ who }: Caller, asked: Asked, find: FindContainer): void {
  if (who === 'local') return;
  const [first, ...more] = rightsAsked(asked, find);
  if (first === undefined) return;
  const others =
    more.length === 0
      ? ''
      : `, as ${more.length === 1 ? `is ${more[0]}` : `are ${more.slice(0, -1).join(', ')} and ${more.at(-1)}`}`;
  throw new PlimsollError('forbidden', `${first} is for root on the host alone${others}`, {
    hint: 'Leave it out, or use the command line as root on the host.',
  });
}

function rightsAsked(asked: Asked, find: FindContainer): string[] {
  return [
    ...hostNamespaces(asked.namespaces, find),
    ...asked.capabilities.filter((name) => !HARMLESS.includes(name)),
    ...(asked.seccomp === 'default'
      ? []
      : [asked.seccomp === 'unconfined' ? 'to have no seccomp filter' : "a seccomp profile of one's own"]),
    ...(asked.noNewPrivileges ? [] : ['to gain privileges by an exec (no-new-privileges=false)']),
    // A profile may be loaded as unconfined, and a context be the host's own: the name does not tell.
    ...(asked.appArmor === undefined ? [] : [`the AppArmor profile ${asked.appArmor}`]),
    ...(asked.seLinux === undefined ? [] : [`the SELinux context ${asked.seLinux}`]),
    ...asked.devices.map(({ path }) => `the device ${path}`),
    ...OVER_THE_HOST.filter((name) => asked.rlimits[name] !== undefined).map((name) => `the limit "${name}"`),
    ...((asked.oomScoreAdj ?? 0) < 0 ? ['to be spared when the host is out of memory'] : []),
    ...joinedBy(asked.namespaces).flatMap((id) => {
      const neighbour = find(id);
      return hasRights(neighbour, find) ? [`to share a namespace with "${neighbour.name}", which has rights over the host,`] : [];
    }),
  ];
}

function hostNamespaces(namespaces: Namespaces, find: FindContainer): string[] {
  return NamespaceType.options
    .filter((type) => {
      const mode = namespaces[type];
      return isPrivateByDefault(type) && mode !== 'private' && originOf(mode, type, find) === 'host';
    })
    .map((type) => `the host's ${type} namespace`);
}

/** Whether a container, or one whose namespaces it shares in turn, can do to the host what is root's alone to ask for. */
function hasRights({ isolation, mounts }: Neighbour, find: FindContainer): boolean {
  const { namespaces, capabilities, seccomp, noNewPrivileges, appArmor, seLinux, devices } = isolation;
  return (
    hostNamespaces(namespaces, find).length > 0 ||
    // Its files are at hand by its mount namespace, and by /proc/<pid>/root of whoever is seen in its pid namespace.
    mounts.some(({ kind }) => kind === 'bind') ||
    capabilities.some((name) => !HARMLESS.includes(name)) ||
    seccomp !== 'default' ||
    !noNewPrivileges ||
    appArmor !== null ||
    seLinux !== null ||
    devices.length > 0 ||
    joinedBy(namespaces).some((id) => hasRights(find(id), find))
  );
}

/** The containers whose namespaces are joined, each once. */
function joinedBy(namespaces: Namespaces): string[] {
  return [...new Set(Object.values(sharingOf(namespaces)))];
}
