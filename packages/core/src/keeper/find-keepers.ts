import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import { cgroupsOf } from '../cgroups/membership.ts';
import { commandName } from '../processes/ancestry.ts';
import { tryCall } from '../program/call.ts';
import { readHeader } from './end-log.ts';
import { KEEPER_NAME, KEEPER_VERSION, KEPT_DESCRIPTORS } from './format.ts';
import type { KeeperDescriptors } from './keeper-process.ts';

const SIGKILL = 9;

/** A keeper that an earlier supervisor left. */
export interface FoundKeeper {
  pid: number;
  /** The same as its own descriptors, which are the caller's to close; or why they are not to be had. */
  content: KeeperDescriptors | { unreadable: string };
  kill(): void;
}

/**
 * Every keeper with that owner: one, or after a kill in the middle of a change two. Anybody may choose a process's name; a keeper is
 * believed where it is root's, in the namespaces of this process, in no cgroup that `isDoubted`, and has the log of one.
 */
export function findKeepers(owner: string, isDoubted: (cgroup: string) => boolean): FoundKeeper[] {
  const named = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && commandName(Number(entry)) === KEEPER_NAME);
  return named.map((pid) => find(Number(pid), owner, isDoubted)).filter((found) => found !== null);
}

function find(pid: number, owner: string, isDoubted: (cgroup: string) => boolean): FoundKeeper | null {
  const pidfd = tryCall('pidfd_open', pid, 0);
  if (pidfd < 0) return null;
  const kill = (): void => {
    tryCall('pidfd_send_signal', pidfd, SIGKILL, 0, 0);
    tryCall('close', pidfd);
  };
  const header = isTrusted(pid) && !cgroupsOf(pid).some(isDoubted) ? headerOf(pid) : null;
  // Still there: all that was read by its pid was about it.
  if (header?.owner === owner && tryCall('pidfd_send_signal', pidfd, 0, 0, 0) === 0) {
    const { major, minor } = header.version;
    if (major !== KEEPER_VERSION.major) return { pid, content: { unreadable: `it has version ${major}.${minor}` }, kill };
    return { pid, content: takeDescriptors(pidfd), kill };
  }
  tryCall('close', pidfd);
  return null;
}

function takeDescriptors(pidfd: number): FoundKeeper['content'] {
  const taken = Object.entries(KEPT_DESCRIPTORS).map(
    ([name, number]) => [name, tryCall('pidfd_getfd', pidfd, number, 0)] as const,
  );
  const refused = taken.find(([, fd]) => fd < 0);
  if (refused === undefined) return Object.fromEntries(taken) as KeeperDescriptors;
  for (const [, fd] of taken) if (fd >= 0) tryCall('close', fd);
  // EPERM: a security module, as Yama does with kernel.yama.ptrace_scope = 3.
  return { unreadable: `its descriptors cannot be had (pidfd_getfd: ${errnoName(-refused[1])})` };
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

/** What stands in its log. Null: it has none, or has ended. */
function headerOf(pid: number): ReturnType<typeof readHeader> {
  const path = `/proc/${pid}/fd/${KEPT_DESCRIPTORS.ends}`;
  try {
    // To open or read anything else may wait for ever.
    if (!readlinkSync(path).startsWith(`/memfd:${KEEPER_NAME}`)) return null;
    const fd = openSync(path, 'r');
    try {
      return readHeader(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
