import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cgroupsOf } from '../cgroups/membership.ts';
import { commandName } from '../processes/ancestry.ts';
import { tryCall } from '../program/call.ts';
import { readHeader, type KeeperVersion } from './end-log.ts';
import { KEEPER_NAME, KEPT_DESCRIPTORS, KEEPER_VERSION } from './format.ts';
import type { KeeperDescriptors } from './keeper-process.ts';

const SIGKILL = 9;

/** A keeper that an earlier supervisor left. */
export interface FoundKeeper {
  pid: number;
  version: KeeperVersion;
  /** The same as the keeper's own. Null: its version is not one that can be read. */
  descriptors: KeeperDescriptors | null;
  /** Ends it. The descriptors stay the caller's to close. */
  kill(): void;
}

/**
 * Every keeper with that owner: one, or after a kill in the middle of a change two. Anybody may choose a process's name; a keeper is
 * believed where it is root's, in the namespaces of this process, in no cgroup that `isDoubted`, and has the descriptors of one.
 */
export function findKeepers(owner: string, isDoubted: (cgroup: string) => boolean): FoundKeeper[] {
  const named = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && commandName(Number(entry)) === KEEPER_NAME);
  return named.map((pid) => open(Number(pid), owner, isDoubted)).filter((found) => found !== null);
}

function open(pid: number, owner: string, isDoubted: (cgroup: string) => boolean): FoundKeeper | null {
  const pidfd = tryCall('pidfd_open', pid, 0);
  if (pidfd < 0) return null;
  const taken = new Map<string, number>();
  const give = (): null => {
    for (const fd of [pidfd, ...taken.values()]) tryCall('close', fd);
    return null;
  };
  if (!isTrusted(pid) || cgroupsOf(pid).some(isDoubted)) return give();
  for (const [name, number] of Object.entries(KEPT_DESCRIPTORS)) {
    const fd = tryCall('pidfd_getfd', pidfd, number, 0);
    if (fd < 0) return give();
    taken.set(name, fd);
  }
  const descriptors = Object.fromEntries(taken) as KeeperDescriptors;
  const header = isMemfd(descriptors.ends) ? readHeader(descriptors.ends) : null;
  // Still there: all that was read by its pid was about it.
  if (header?.owner !== owner || tryCall('pidfd_send_signal', pidfd, 0, 0, 0) < 0) return give();
  const isReadable = header.version.major === KEEPER_VERSION.major;
  if (!isReadable) for (const fd of taken.values()) tryCall('close', fd);
  return {
    pid,
    version: header.version,
    descriptors: isReadable ? descriptors : null,
    kill() {
      tryCall('pidfd_send_signal', pidfd, SIGKILL, 0, 0);
      tryCall('close', pidfd);
    },
  };
}

/** Root's, and in the user and pid namespaces of this process. */
function isTrusted(pid: number): boolean {
  try {
    const isRoots = /^Uid:\t0\t0\t0\t0$/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return isRoots && ['user', 'pid'].every((type) => namespaceLink(pid, type) === namespaceLink('self', type));
  } catch {
    return false;
  }
}

function namespaceLink(pid: number | 'self', type: string): string {
  return readlinkSync(`/proc/${pid}/ns/${type}`);
}

/** A read of anything else may wait for ever. */
function isMemfd(fd: number): boolean {
  return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`/memfd:${KEEPER_NAME}`);
}
