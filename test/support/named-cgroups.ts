import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { SLOWNESS } from './slowness.ts';

const CGROUP_TREES = '/sys/fs/cgroup';
const LOOK_AGAIN_MS = 10;
const DEADLINE_MS = 10_000 * SLOWNESS;

/** Every cgroup directory of that root, in every hierarchy that is mounted. */
export function cgroupsNamed(root: string): string[] {
  const hierarchies = readdirSync(CGROUP_TREES).map((name) => join(CGROUP_TREES, name, root));
  return [join(CGROUP_TREES, root), ...hierarchies]
    .filter((path) => existsSync(path))
    .flatMap(directoriesFrom)
    .toSorted();
}

/** Without those that go meanwhile. */
function directoriesFrom(path: string): string[] {
  const below = entriesIfThere(path).filter((entry) => entry.isDirectory());
  return [path, ...below.flatMap(({ name }) => directoriesFrom(join(path, name)))];
}

function entriesIfThere(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Kills what is in a test's cgroups and removes them, in every hierarchy. Synchronous, so that it works at the end of a process. */
export function clearCgroups(root: string): void {
  for (const end = performance.now() + DEADLINE_MS; ; sleep(LOOK_AGAIN_MS)) {
    // The innermost first: a cgroup with another in it cannot be removed.
    const paths = cgroupsNamed(root).toSorted((a, b) => b.length - a.length);
    if (paths.length === 0) return;
    for (const path of paths) killAll(path);
    const left = paths.filter((path) => !isRemoved(path));
    if (left.length === 0) return;
    if (performance.now() > end) throw new Error(`cgroups cannot be removed: ${left.join(', ')}`);
  }
}

function killAll(path: string): void {
  attempt(() => {
    if (existsSync(join(path, 'freezer.state'))) writeFileSync(join(path, 'freezer.state'), 'THAWED');
    if (existsSync(join(path, 'cgroup.kill'))) writeFileSync(join(path, 'cgroup.kill'), '1');
  });
  attempt(() => {
    const pids = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    for (const pid of pids) attempt(() => process.kill(Number(pid), 'SIGKILL'));
  });
}

function isRemoved(path: string): boolean {
  attempt(() => rmdirSync(path));
  return !existsSync(path);
}

/** A cgroup or a process may disappear; a busy cgroup is retried. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}

/** Blocks this thread. */
export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
