import { existsSync, readdirSync, readFileSync, readlinkSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { cgroupsNamed } from './named-cgroups.ts';
import { SLOWNESS } from './slowness.ts';
import { until } from './until.ts';

/** What is left of a container settles within this: a reap, a deferred removal, the refill of a pool. */
const SETTLE_MS = 20_000 * SLOWNESS;

/** Whose traces are looked for: all of them carry the directory, the name of the cgroup root, or the pid. */
export interface Place {
  /** Everything that it keeps on disk lies below. */
  directory: string;
  /** Name of its cgroup root. */
  cgroup: string;
  /** The process that starts containers, and whose children they are. */
  pid: number;
}

/** What there is of one Plimsoll on this machine at one moment, as sorted text that compares well. */
export interface Snapshot {
  cgroups: string[];
  /** The host's own mount table, whole; what others change of it is left out of a comparison. */
  mounts: string[];
  /** Children of `pid`, and whatever is in its cgroups: name, pid and start time. Without zygotes. */
  processes: string[];
  /** Namespaces that these processes are in and the host is not. */
  namespaces: string[];
  /** Open descriptors of `pid` by kind, without those of zygotes and of namespaces made ahead. */
  descriptors: Record<string, number>;
  files: string[];
}

/** Zygotes and namespaces are pools that grow with use: each zygote is a pidfd and both ends of two pipes. */
const PIPE_ENDS_OF_A_ZYGOTE = 4;

export function takeSnapshot({ directory, cgroup, pid }: Place): Snapshot {
  const all = processesOf(pid, cgroup);
  const processes = all.filter(({ kind }) => kind === 'other');
  const descriptors = descriptorsOf(pid);
  const zygotes = all.filter(({ kind }) => kind === 'zygote').length;
  return {
    cgroups: cgroupsNamed(cgroup),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n').toSorted(),
    processes: processes.map(({ name, pid: id, startTime }) => `${name} ${id} ${startTime}`).toSorted(),
    namespaces: namespacesOf(processes.map((one) => one.pid)),
    descriptors: {
      ...descriptors,
      pipe: (descriptors['pipe'] ?? 0) - PIPE_ENDS_OF_A_ZYGOTE * zygotes,
      pidfd: (descriptors['pidfd'] ?? 0) - zygotes,
    },
    files: existsSync(directory) ? filesBelow(directory) : [],
  };
}

/** Fails unless everything is, or soon becomes, as it was. */
export async function expectAsBefore(place: Place, before: Snapshot): Promise<void> {
  const now = () => {
    const snapshot = takeSnapshot(place);
    const { descriptors } = snapshot;
    const mounts = withoutOthersChanges(snapshot.mounts, before.mounts, place);
    // Connections end when their other side likes: it is one more that would have been left behind.
    const socket = Math.max(descriptors['socket'] ?? 0, before.descriptors['socket'] ?? 0);
    return { ...snapshot, mounts, descriptors: { ...descriptors, ...(socket > 0 && { socket }) } };
  };
  await expect.poll(now, { timeout: SETTLE_MS, interval: 20 }).toEqual(before);
}

/**
 * Mounts of now, compared with those of before: others on this host mount and unmount meanwhile, elsewhere. What a start leaves
 * lies below its directory; or it is a change of a mount that was there, in its options or its propagation.
 */
function withoutOthersChanges(now: readonly string[], before: readonly string[], { directory }: Place): string[] {
  const was = new Set(before.map(whichMount));
  const is = new Set(now.map(whichMount));
  const isOurs = (mount: string) => mount.includes(directory);
  const theirs = before.filter((mount) => !is.has(whichMount(mount)) && !isOurs(mount));
  return [...now.filter((mount) => was.has(whichMount(mount)) || isOurs(mount)), ...theirs].toSorted();
}

/** Its numbers and where it is mounted (proc_pid_mountinfo(5)): what no remount changes. */
function whichMount(mount: string): string {
  return mount.split(' ').slice(0, 5).join(' ');
}

/** Links are not followed, as readdir's own recursion does. */
function filesBelow(directory: string): string[] {
  // overlayfs makes one in each workdir at the first mount, for good.
  return pathsBelow(directory)
    .map((path) => relative(directory, path))
    .filter((path) => !path.endsWith('/work/work'))
    .toSorted();
}

function pathsBelow(directory: string): string[] {
  return entriesOf(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
  });
}

/** None where the directory is gone by now: files of what was removed are deleted in the background. */
function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

interface FoundProcess {
  pid: number;
  name: string;
  startTime: string;
  /**
   * A zygote; the keeper; a child that makes a user namespace for a pool, and is soon gone; or another. All have the same name at first, but a
   * container's first process has a pid namespace of its own, and the maker a user namespace.
   */
  kind: 'zygote' | 'keeper' | 'maker' | 'other';
}

/** Resolves when no user namespace is being made: the descriptors are then those that stay. */
export async function untilNoneIsMade({ pid, cgroup }: Place): Promise<void> {
  await until('no user namespace is being made', () => processesOf(pid, cgroup).every(({ kind }) => kind !== 'maker'));
}

/** Children of `parent` that may hold anything of a container, and every process below that cgroup root, in any hierarchy. */
export function processesOf(parent: number, cgroup: string): FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === parent) continue;
    const stat = readIfThere(`/proc/${pid}/stat`);
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isInCgroup = readIfThere(`/proc/${pid}/cgroup`)?.includes(`/${cgroup}`) ?? false;
    const isChild = Number(fields[1]) === parent;
    // One that has ended and whose supervisor was killed is init's to reap, when init gets to it.
    if (!isChild && (!isInCgroup || fields[0] === 'Z')) continue;
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    found.push({ pid, name, startTime: fields[19] ?? '', kind: isInCgroup ? 'other' : kindOfChild(pid, name) });
  }
  return found;
}

function kindOfChild(pid: number, name: string): FoundProcess['kind'] {
  if (name === 'plimsoll-userns') return 'maker';
  if (name === 'plimsoll-keeper') return 'keeper';
  const isInnermost = /^NSpid:\t\d+$/m.test(readIfThere(`/proc/${pid}/status`) ?? '');
  if (name !== 'plimsoll-zygote' || !isInnermost) return 'other';
  return linkOf(`/proc/${pid}/ns/user`) === linkOf('/proc/self/ns/user') ? 'zygote' : 'maker';
}

function namespacesOf(pids: readonly number[]): string[] {
  const host = new Set(namespaceLinks('self'));
  return [...new Set(pids.flatMap((pid) => namespaceLinks(String(pid))))].filter((link) => !host.has(link)).toSorted();
}

function namespaceLinks(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/ns`).map((name) => readlinkSync(`/proc/${pid}/ns/${name}`));
  } catch {
    return [];
  }
}

/** Numbers and inodes are left out: what counts is how many of each kind there are. */
function descriptorsOf(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  const links =
    pid === process.pid ? openDescriptors() : readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  for (const link of links) {
    const kind = kindOf(link);
    if (kind !== null) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** What this process has open, as proc_pid_fd(5) shows it; without the connections of a world that files share, which come and go. */
export function openDescriptors(): string[] {
  const sockets = new Set(
    readFileSync('/proc/net/unix', 'latin1')
      .split('\n')
      .map((line) => line.split(/\s+/)[6]),
  );
  const links = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
  return links.filter((link) => link !== '' && !sockets.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'none'));
}

/** Empty: it was gone between the listing and the look. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function kindOf(target: string): string | null {
  // This very look at the directory, and the pool.
  if (target === '' || /^\/proc\/\d+\/fd$/.test(target) || /^(?:net|user):\[/.test(target)) return null;
  if (target.startsWith('pipe:[')) return 'pipe';
  if (target.startsWith('anon_inode:[pidfd]')) return 'pidfd';
  return target.replace(/:\[\d+\]$/, '');
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
