import { closeSync, fstatSync } from 'node:fs';
import { ERRNO } from '../abi/errno.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, RESOLVE } from '../abi/open.ts';
import { Memory, Words } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { targetOf } from './bind-source.ts';

/** For one start: 16 for each of 128 mounts, which are as many as a container may have. */
const MOST_LOOK_UPS = 2048;

const AS_IT_IS = openHow('O_PATH', 'O_NOFOLLOW', 'O_CLOEXEC');
const WITHOUT_LINKS = openHow('O_PATH', 'O_CLOEXEC');

/** What is at a path without links. `unknown`: the start has looked up as much as it may. */
type Found = { link: string } | 'file' | 'nothing' | 'unknown';

/** Descriptors of what is mounted before, by plain paths; null: an empty file system. */
export type Covered = ReadonlyMap<string, number | null>;

/**
 * What the layers of a rootfs have at a path, while the overlay is not mounted yet. One serves a whole start, which bounds the
 * work. No link is followed. Layers are opened at the first look-up; disposing closes them.
 */
export class RootfsLookup implements Disposable {
  readonly #layers: readonly string[];
  readonly #known = new Map<string, Found>();
  #roots: number[] | undefined;
  #lookUps = 0;

  /** Directories of the host, the topmost first. The way to a layer itself may have links. */
  constructor(layers: readonly string[]) {
    this.#layers = layers;
  }

  /** How many there were. */
  get lookUps(): number {
    return this.#lookUps;
  }

  /** Whether a path, relative to the root, passes a symbolic link in one of the layers. */
  hasLink(path: string): boolean {
    return openBelow(this.#opened(), path, WITHOUT_LINKS, (results) => results.includes(-ERRNO.ELOOP));
  }

  /** `path` is relative to the root, with neither `.` nor `..` in it. */
  lookUp(path: string, covered: Covered): Found {
    if (this.#lookUps >= MOST_LOOK_UPS) return 'unknown';
    this.#lookUps++;
    const places = [...covered.keys()];
    const mount = places.filter((place) => isAtOrBelow(place, `/${path}`)).toSorted((a, b) => b.length - a.length)[0];
    if (mount === `/${path}`) return 'file';
    const found = mount === undefined ? this.#lookIntoLayers(path) : this.#lookIntoMount(path, mount, covered);
    // The way to a mount point is made before it.
    return found === 'nothing' && places.some((place) => isAtOrBelow(`/${path}`, place)) ? 'file' : found;
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots ?? []) closeSync(root);
    this.#roots = undefined;
  }

  #lookIntoMount(path: string, mount: string, covered: Covered): Found {
    const root = covered.get(mount) ?? null;
    if (root === null) return 'nothing';
    return openBelow([root], path.slice(mount.length), AS_IT_IS, topmost);
  }

  #lookIntoLayers(path: string): Found {
    const known = this.#known.get(path) ?? openBelow(this.#opened(), path, AS_IT_IS, topmost);
    this.#known.set(path, known);
    return known;
  }

  #opened(): readonly number[] {
    const flags = or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC');
    this.#roots ??= this.#layers.map((layer) => tryCall('openat', AT_FDCWD, layer, flags)).filter((root) => root >= 0);
    return this.#roots;
  }
}

function isAtOrBelow(outer: string, path: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}

/** Opens a path below each directory, with one program. `use` has the kernel's answers; the descriptors among them are closed after it. */
function openBelow<T>(roots: readonly number[], path: string, how: Words, use: (results: readonly number[]) => T): T {
  const name = new Memory(encoder.encode(`${path}\0`), JSON.stringify(path));
  const program = new Program();
  for (const root of roots) program.call('look up', 'openat2', [root, name, how, OPEN_HOW_BYTES], { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  const results = roots.map((_, i) => loaded.result(i));
  try {
    return use(results);
  } finally {
    for (const fd of results) if (fd >= 0) closeSync(fd);
  }
}

const encoder = new TextEncoder();

/** What the first of the layers has that does not pass to the one below. */
function topmost(results: readonly number[]): Found {
  const fd = results.find((result) => result !== -ERRNO.ENOENT);
  // Another layer's file, link or whiteout stands in the place of a directory on the way.
  if (fd === undefined || fd < 0) return 'nothing';
  const stats = fstatSync(fd);
  if (stats.isSymbolicLink()) return { link: targetOf(fd, 'read a link of a layer') };
  // A whiteout is a character device 0:0 (overlayfs.rst).
  return stats.isCharacterDevice() && stats.rdev === 0 ? 'nothing' : 'file';
}

function openHow(...flags: (keyof typeof O)[]): Words {
  const [open, walk] = [or(O, ...flags), or(RESOLVE, 'RESOLVE_NO_SYMLINKS')];
  return new Words([open, 0, walk], `{${open.text}, 0, ${walk.text}}`);
}
