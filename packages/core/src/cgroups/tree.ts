import { readdirSync, statSync } from 'node:fs';
import { flatValue } from './events.ts';
import { hierarchiesOf, type NamedHierarchy } from './hierarchies.ts';
import type { CgroupLayout } from './layout.ts';
import { Pauses } from './pauses.ts';
import { readStart } from './small-file.ts';
import { stateOf, type TreeState } from './tree-state.ts';

/** A path at which some hierarchy of the host has a cgroup; the root's is empty. */
export interface TreeCgroup extends TreeState {
  path: string;
  /** Names as in NamedHierarchy. */
  hierarchies: string[];
}

/** Looks that trust the counts before the next that does not. */
const TRUSTING_LOOKS = 4;

/** Every cgroup of the host at `from` and below, in the order of the tree. Those that go meanwhile are left out. */
export async function walkCgroups(layout: CgroupLayout, from = ''): Promise<TreeCgroup[]> {
  const { cgroups } = await statesOf(await findPlaces(layout, from));
  return cgroups;
}

/**
 * The same of the whole host again and again, cheaply: where the kernel counts as many cgroups as before, and none has gone,
 * only their states are read. One that came as another of v1 alone went is seen a few looks later.
 */
export class CgroupTree {
  readonly #layout: CgroupLayout;
  #places: readonly Place[] = [];
  #counts = '';
  #trusting = 0;

  constructor(layout: CgroupLayout) {
    this.#layout = layout;
  }

  async look(): Promise<TreeCgroup[]> {
    // Counted before the walk: what comes during it changes the count for the next look.
    const counts = countsOf(this.#layout);
    if (counts === this.#counts && this.#trusting-- > 0) {
      const { cgroups, isWhole } = await statesOf(this.#places);
      if (isWhole) return cgroups;
    }
    this.#places = await findPlaces(this.#layout, '');
    this.#counts = counts;
    this.#trusting = TRUSTING_LOOKS;
    return (await statesOf(this.#places)).cgroups;
  }
}

/** `from` and every directory below it in one hierarchy, each before its children. */
export function* directoriesFrom(mount: string, from: string): Generator<string> {
  const stack = [from];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const directory = path === '' ? mount : `${mount}/${path}`;
    const stats = statSync(directory, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isDirectory()) continue;
    yield path;
    // The link count is 2 and one for each child, as of any directory: most have none, and need not be listed.
    if (stats.nlink === 2) continue;
    for (const name of childrenOf(directory)) stack.push(path === '' ? name : `${path}/${name}`);
  }
}

interface Place {
  path: string;
  /** Those that have it. */
  hierarchies: readonly NamedHierarchy[];
}

async function findPlaces(layout: CgroupLayout, from: string): Promise<Place[]> {
  const pauses = new Pauses();
  const found = new Map<string, NamedHierarchy[]>();
  for (const hierarchy of hierarchiesOf(layout)) {
    for (const path of directoriesFrom(hierarchy.mount, from)) {
      const others = found.get(path);
      if (others === undefined) found.set(path, [hierarchy]);
      else others.push(hierarchy);
      if (pauses.isDue) await pauses.take();
    }
  }
  // So a cgroup comes right before those below it: no byte of a name is smaller than the divider.
  const order = (path: string) => path.replaceAll('/', '\0');
  return Array.from(found, ([path, hierarchies]) => ({ path, hierarchies })).toSorted((a, b) =>
    order(a.path) < order(b.path) ? -1 : 1,
  );
}

/** `isWhole`: none has gone, as far as that shows. */
async function statesOf(places: readonly Place[]): Promise<{ cgroups: TreeCgroup[]; isWhole: boolean }> {
  const pauses = new Pauses();
  const populatedBelow = new Set<string>();
  const cgroups: TreeCgroup[] = [];
  let isWhole = true;
  // Children first: what is populated below need not be asked.
  for (const { path, hierarchies } of places.toReversed()) {
    const state = stateOf(path, hierarchies, populatedBelow.has(path));
    if (state === null) {
      isWhole = false;
      continue;
    }
    if (state.populated && path !== '') populatedBelow.add(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    cgroups.push({ path, hierarchies: hierarchies.map(({ name }) => name), ...state });
    if (pauses.isDue) await pauses.take();
  }
  return { cgroups: cgroups.toReversed(), isWhole };
}

/** How many there are: /proc/cgroups tells it of each v1 hierarchy (cgroups(7)), cgroup.stat of the v2 tree. */
function countsOf({ unified }: CgroupLayout): string {
  const below = unified === null ? null : readStart(`${unified}/cgroup.stat`);
  return `${readStart('/proc/cgroups')}${flatValue(below ?? '', 'nr_descendants')}`;
}

function childrenOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}
