import { DEFAULT_NAMESPACES } from '@plimsoll/core';
import { PlimsollError, type ContainerView, type CreateContainer, type NamespaceMode, NamespaceType } from '@plimsoll/protocol';

/** Whose each of a container's namespaces is. */
export type Namespaces = Record<NamespaceType, NamespaceMode>;

export type Neighbour = Pick<ContainerView, 'id' | 'name' | 'hostname' | 'isolation' | 'mounts'>;
/** A container by name or id. Throws `not-found`. */
export type FindContainer = (ref: string) => Neighbour;

export type NamespacesRequest = Pick<CreateContainer, 'namespaces' | 'timeOffsets' | 'hostname' | 'domainname'>;

/** What shows a namespace, and is mounted only with rights over the user namespace that it was made in. */
const SHOWN = { pid: '/proc', ipc: '/dev/mqueue', network: '/sys' } as const;
const SHOWN_TYPES = Object.keys(SHOWN) as (keyof typeof SHOWN)[];

export function isPrivateByDefault(type: NamespaceType): boolean {
  return DEFAULT_NAMESPACES.includes(type);
}

/** A request's namespaces, with what it leaves unsaid. Throws `bad-request` for those that do not go together. */
export function resolveNamespaces(request: NamespacesRequest, find: FindContainer): Namespaces {
  const modeOf = (type: NamespaceType): NamespaceMode => {
    const mode = request.namespaces[type] ?? unsaid(type, request);
    return typeof mode === 'string' ? mode : { container: find(mode.container).id };
  };
  const namespaces = Object.fromEntries(NamespaceType.options.map((type) => [type, modeOf(type)])) as Namespaces;
  if (request.namespaces.user === undefined) namespaces.user = userNamespaceFor(namespaces, find);
  requireMountable(namespaces, find);
  requireOwn(request, namespaces);
  return namespaces;
}

function unsaid(type: NamespaceType, { timeOffsets }: NamespacesRequest): NamespaceMode {
  const isAskedFor = type === 'time' && Object.keys(timeOffsets).length > 0;
  return isAskedFor || isPrivateByDefault(type) ? 'private' : 'host';
}

/** Where a namespace comes from in the end: the id of the container that it was made for, or the host. */
export function originOf(mode: NamespaceMode, type: NamespaceType, find: FindContainer): string {
  if (mode === 'private') throw new Error('a namespace that is still to be made has no origin');
  if (mode === 'host') return 'host';
  const { id, name, isolation } = find(mode.container);
  const theirs = isolation.namespaces[type];
  return theirs === 'private' ? id : originOf(theirs, type, (ref) => findShared(ref, type, name, find));
}

/** One whose namespace another container was made to join: it may have been removed since. */
function findShared(ref: string, type: NamespaceType, name: string, find: FindContainer): Neighbour {
  try {
    return find(ref);
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== 'not-found') throw error;
    throw new PlimsollError('not-found', `"${name}" had the ${type} namespace of a container that was removed`, {
      hint: `Make "${name}" anew, or name another container.`,
      cause: error,
    });
  }
}

/** The user namespace that a joined namespace was made in. */
function ownerOf(mode: NamespaceMode, type: NamespaceType, find: FindContainer): string {
  const origin = originOf(mode, type, find);
  return origin === 'host' ? 'host' : originOf({ container: origin }, 'user', find);
}

/** The user namespace where none is named: of whose namespaces are joined, if any are that a mount depends on. */
function userNamespaceFor(namespaces: Namespaces, find: FindContainer): NamespaceMode {
  const joined = SHOWN_TYPES.find((type) => typeof namespaces[type] === 'object');
  if (joined === undefined) return namespaces.user;
  const owner = ownerOf(namespaces[joined], joined, find);
  if (owner === 'host') return 'host';
  // Rather by the container that was named: the one that the namespace was made for may have ended.
  return originOf(namespaces[joined], 'user', find) === owner ? namespaces[joined] : { container: owner };
}

/** To mount proc, sysfs and mqueue wants CAP_SYS_ADMIN over the user namespace that the pid, network or ipc namespace belongs to. */
function requireMountable(namespaces: Namespaces, find: FindContainer): void {
  if (namespaces.mount !== 'private') return;
  const own = namespaces.user === 'private' ? 'private' : originOf(namespaces.user, 'user', find);
  if (own === 'host') return;
  for (const type of SHOWN_TYPES) {
    const mode = namespaces[type];
    if (mode === 'private') continue;
    const owner = ownerOf(mode, type, find);
    if (owner === own) continue;
    const whose = mode === 'host' ? "the host's" : `that of ${nameOf(mode.container, find)}`;
    const having = own === 'private' ? 'a user namespace of its own' : `the user namespace of ${nameOf(own, find)}`;
    throw new PlimsollError(
      'bad-request',
      `it is to be ${whose}, and with ${having} the kernel lets nobody mount its ${SHOWN[type]}`,
      { field: `namespaces.${type}`, hint: hintFor(owner, find) },
    );
  }
}

function hintFor(owner: string, find: FindContainer): string {
  if (owner === 'host') return "Give it the host's user namespace as well (--userns host): its root is then the host's.";
  return `Give it the user namespace of ${nameOf(owner, find)} as well (--userns container:${find(owner).name}).`;
}

/** The containers whose namespaces are joined. */
export function sharingOf(namespaces: Namespaces): Partial<Record<NamespaceType, string>> {
  return Object.fromEntries(
    Object.entries(namespaces).flatMap(([type, mode]) => (typeof mode === 'object' ? [[type, mode.container]] : [])),
  );
}

/** What a request sets must be its own: it would be set for the host or another container. */
function requireOwn({ hostname, domainname, timeOffsets }: NamespacesRequest, namespaces: Namespaces): void {
  const sets = [
    ['hostname', hostname !== undefined, 'uts', '--uts'],
    ['domainname', domainname !== undefined, 'uts', '--uts'],
    ['timeOffsets', Object.keys(timeOffsets).length > 0, 'time', '--time'],
  ] as const;
  for (const [field, isSet, type, option] of sets) {
    if (!isSet || namespaces[type] === 'private') continue;
    throw new PlimsollError(
      'bad-request',
      `it would be set for ${ownerInWords(namespaces[type])} as well, whose ${type} namespace this is`,
      { field, hint: `Leave it out, or leave ${option} out.` },
    );
  }
}

/** Who has a namespace that is not a container's own. */
export function ownerInWords(mode: NamespaceMode): string {
  return mode === 'host' ? 'the host' : 'another container';
}

function nameOf(id: string, find: FindContainer): string {
  return `"${find(id).name}"`;
}
