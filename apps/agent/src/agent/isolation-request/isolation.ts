import { InvalidConfig, readProfileText, type OciProcess, type SeccompProfile } from '@plimsoll/core';
import { PlimsollError, type CreateContainer } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';
import { AccountFiles } from './account-files.ts';
import { homeOf, identityOf } from './accounts.ts';
import { ambientSet, capabilitySet } from './capabilities.ts';
import { requireReachable } from './clock-offsets.ts';
import { grantDevices, type GrantedDevice } from './device-nodes.ts';
import { requireLabels } from './labels.ts';
import { ownerInWords, resolveNamespaces, type FindContainer, type Namespaces } from './namespaces.ts';
import { requireMapped } from './mapped-ids.ts';
import { requireRights } from './rights-of-root.ts';
import { requireOwnShm } from './shared-memory.ts';
import { requireOwnSysctls } from './sysctls.ts';

/** What divides a container from the host, with every name in the request looked up. */
export interface Isolation {
  user: OciProcess['user'];
  /** Looks up the user's home directory in the image. */
  home: () => string;
  namespaces: Namespaces;
  /** The bounding set. */
  capabilities: string[];
  /** Empty for root, which has all of the bounding set. */
  ambient: string[];
  /** Of a request that brought its own. */
  seccompProfile: SeccompProfile | undefined;
  devices: GrantedDevice[];
}

/** Where names are looked up, and who asks. */
export interface IsolationContext {
  caller: Caller;
  find: FindContainer;
  /** The image's root directories, topmost first. */
  layers: readonly string[];
}

/** Throws `bad-request`, `not-found`, `forbidden`, `unsupported-on-host`. */
export function resolveIsolation(request: CreateContainer, { caller, find, layers }: IsolationContext): Isolation {
  const namespaces = resolveNamespaces(request, find);
  const capabilities = capabilitySet(request.capabilities);
  // Before anything of the host is looked at.
  requireRights(caller, { ...request, namespaces, capabilities }, find);
  requireTree(request, namespaces);
  requireOwnShm(request, namespaces);
  requireOwnSysctls(request.sysctls, namespaces);
  requireReachable(request.timeOffsets);
  requireLabels(request);
  const { umask } = request;
  const accounts = new AccountFiles(layers);
  const identity = identityOf(request, accounts);
  requireMapped(identity, request, { user: namespaces.user, find });
  return {
    user: { ...identity, ...(umask !== undefined && { umask }) },
    home: () => homeOf(request, identity.uid, accounts),
    namespaces,
    capabilities,
    ambient: identity.uid === 0 ? [] : ambientSet(request.capabilities, capabilities),
    seccompProfile: typeof request.seccomp === 'string' ? undefined : readSeccompProfile(request.seccomp.profile),
    devices: grantDevices(request.devices),
  };
}

/** Of a mount namespace of others every mount is theirs as well. */
function requireTree({ readOnly, tmpfs, shmBytes, mounts, devices }: CreateContainer, { mount }: Namespaces): void {
  if (mount === 'private') return;
  const changes = [
    ['readOnly', readOnly],
    ['tmpfs', tmpfs.length > 0],
    ['shmBytes', shmBytes !== undefined],
    ['mounts', mounts.length > 0],
    ['devices', devices.length > 0],
  ] as const;
  const field = changes.find(([, isAsked]) => isAsked)?.[0];
  if (field === undefined) return;
  const whose = ownerInWords(mount);
  throw new PlimsollError('bad-request', `it would change the mounts of ${whose}, whose mount namespace this is`, {
    field,
    hint: 'Leave it out, or give the container a mount namespace of its own.',
  });
}

function readSeccompProfile(text: string): SeccompProfile {
  try {
    return readProfileText(text);
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    throw new PlimsollError('bad-request', `${error.path.replace(/^linux\./, '')} ${error.why}`, {
      field: 'seccomp.profile',
      hint: "Give a profile as docker's files have it, or the runtime-spec's linux.seccomp.",
      cause: error,
    });
  }
}
