import { readdirSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { flatValue } from './events.ts';
import { hierarchiesOf, type NamedHierarchy } from './hierarchies.ts';
import type { CgroupLayout } from './layout.ts';
import { readStart } from './small-file.ts';

/** A path at which some hierarchy of the host has a cgroup; the root's is empty. */
export interface TreeCgroup {
  path: string;
  /** Names as in NamedHierarchy. */
  hierarchies: string[];
  /** There are processes in it or below it, in any hierarchy. */
  populated: boolean;
  /** Null: no hierarchy that has it can freeze. */
  frozen: boolean | null;
}

/** After this much work others get their turn: on a host of thousands of cgroups a walk takes tens of milliseconds. */
const SLICE_MS = 5;

/** Every cgroup of the host at `from` and below, in the order of the tree. Those that go meanwhile are left out, or told of as they were. */
export async function walkCgroups(layout: CgroupLayout, from = ''): Promise<TreeCgroup[]> {
  const hierarchies = hierarchiesOf(layout);
  const breathe = pauses();
  const found = new Map<string, Found>();
  for (const [bit, { mount }] of hierarchies.entries()) {
    for (const path of directoriesFrom(mount, from)) {
      const cgroup = found.get(path);
      if (cgroup === undefined) found.set(path, { path, bits: 1 << bit, populated: false });
      else cgroup.bits |= 1 << bit;
      if (breathe.isDue) await breathe.take();
    }
  }
  const sorted = [...found.values()].toSorted((a, b) => (treeOrder(a.path) < treeOrder(b.path) ? -1 : 1));
  const named = namesOfBits(hierarchies);
  const result: TreeCgroup[] = [];
  // Children first: what is populated below need not be asked.
  for (const cgroup of sorted.toReversed()) {
    const directories = hierarchies.filter((_, bit) => (cgroup.bits & (1 << bit)) !== 0);
    const { populated, frozen } = stateOf(cgroup, directories);
    const parent = found.get(cgroup.path.slice(0, Math.max(0, cgroup.path.lastIndexOf('/'))));
    if (populated && parent !== undefined) parent.populated = true;
    result.push({ path: cgroup.path, hierarchies: named(cgroup.bits), populated, frozen });
    if (breathe.isDue) await breathe.take();
  }
  return result.toReversed();
}

interface Found {
  path: string;
  /** Bit i: the hierarchy of this index has it. */
  bits: number;
  /** Something below it is. */
  populated: boolean;
}

/**
 * `from` and every directory below. The kernel counts a cgroup's children in its link count, as in any directory (2 and one
 * for each): only those that have any are listed.
 */
export function* directoriesFrom(mount: string, from: string): Generator<string> {
  const stack = [from];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const directory = path === '' ? mount : `${mount}/${path}`;
    const stats = statSync(directory, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isDirectory()) continue;
    yield path;
    if (stats.nlink === 2) continue;
    for (const name of childrenOf(directory)) stack.push(path === '' ? name : `${path}/${name}`);
  }
}

function childrenOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** On v1 both the question of processes and that of the freezer have to be asked in the hierarchy itself. */
function stateOf(
  { path, populated }: Found,
  directories: readonly NamedHierarchy[],
): { populated: boolean; frozen: boolean | null } {
  if (path === '') return { populated: true, frozen: null };
  let isPopulated = populated;
  let frozen: boolean | null = null;
  for (const { name, mount } of directories) {
    if (name === 'v2') {
      const events = readStart(`${mount}/${path}/cgroup.events`) ?? '';
      isPopulated ||= flatValue(events, 'populated') === '1';
      frozen = flatValue(events, 'frozen') === '1';
    } else {
      if (name.split(',').includes('freezer')) {
        frozen = readStart(`${mount}/${path}/freezer.state`) === 'FROZEN\n' || frozen === true;
      }
      isPopulated ||= (readStart(`${mount}/${path}/cgroup.procs`, 16) ?? '') !== '';
    }
  }
  return { populated: isPopulated, frozen };
}

/** Sorted by this a cgroup comes right before those below it: no byte of a name is smaller than the divider. */
function treeOrder(path: string): string {
  return path.replaceAll('/', '\0');
}

function namesOfBits(hierarchies: readonly NamedHierarchy[]): (bits: number) => string[] {
  const known = new Map<number, string[]>();
  return (bits) => {
    const names = known.get(bits) ?? hierarchies.filter((_, bit) => (bits & (1 << bit)) !== 0).map(({ name }) => name);
    known.set(bits, names);
    return names;
  };
}

function pauses(): { readonly isDue: boolean; take: () => Promise<void> } {
  let since = performance.now();
  return {
    get isDue() {
      return performance.now() - since > SLICE_MS;
    },
    take: async () => {
      await setImmediate();
      since = performance.now();
    },
  };
}
