import { closeSync, fstatSync } from 'node:fs';
import { ERRNO } from '../abi/errno.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, RESOLVE } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { Words } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import { MOST_LINKS, targetOf, type BindSources } from './bind-source.ts';
import type { Rootfs } from './rootfs.ts';

/** Parts of paths that are looked at for one mount: a link's text is the image's. */
const MOST_PARTS = 256;

const AS_IT_IS = openHow('O_PATH', 'O_NOFOLLOW', 'O_CLOEXEC');
const WITHOUT_LINKS = openHow('O_PATH', 'O_CLOEXEC');

/** What there is at a path without links: a link's text, another file, or nothing. */
type Found = { link: string } | 'file' | 'nothing';

/**
 * Where a person's mounts lead whose destination passes a symbolic link without a target, as plain paths of the rootfs: what is to be made there
 * before. The overlay is not mounted yet, so it looks into the layers, the topmost first, and into what is mounted before.
 *
 * All of that is what images and containers have made, and may change meanwhile. No link is ever followed here, and what is
 * found is only a hint: the start resolves it again, inside the rootfs. Where it is wrong, as with an opaque directory of
 * an earlier run (overlayfs.rst), the start fails at the mount point.
 */
export function linksToNowhere(
  mounts: readonly OciMount[],
  { layers, upper }: Rootfs,
  sources: BindSources,
): Map<OciMount, string> {
  const found = new Map<OciMount, string>();
  if (mounts.length === 0) return found;
  const covered = new Map<string, number | null>();
  for (const mount of mounts) {
    const { destination, type, source } = mount;
    const isWithin = [...covered.keys()].some((outer) => destination.startsWith(`${outer}/`));
    const target =
      isWithin || hasLink(destination, [upper, ...layers]) ? leadsNowhere(destination, { layers, upper, covered }) : null;
    if (target !== null) found.set(mount, target);
    covered.set(target ?? destination, type === 'bind' ? sources.get(source) : null);
  }
  return found;
}

/** Whether a path passes a symbolic link in one of the layers. The way to a layer itself may have some. */
export function hasLink(path: string, layers: readonly string[]): boolean {
  return layers.some((layer) => {
    const root = tryCall('openat', AT_FDCWD, layer, or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'));
    if (root < 0) return false;
    using _ = { [Symbol.dispose]: () => closeSync(root) };
    const fd = tryCall('openat2', root, partsOf(path).join('/'), WITHOUT_LINKS, OPEN_HOW_BYTES);
    if (fd >= 0) closeSync(fd);
    return fd === -ERRNO.ELOOP;
  });
}

export interface Tree {
  layers: readonly string[];
  upper: string;
  /** Descriptors of what is mounted before, by plain paths; null: an empty file system. */
  covered: ReadonlyMap<string, number | null>;
}

/** Where a path leads that passes a link without a target; null: it passes none. */
export function leadsNowhere(destination: string, tree: Tree): string | null {
  const rest = partsOf(destination);
  const at: string[] = [];
  let links = 0;
  let last: Found = 'file';
  for (let looked = 0; rest.length > 0; looked++) {
    if (looked > MOST_PARTS) return null;
    const part = rest.shift() ?? '';
    if (part === '..') {
      at.pop();
      last = 'file';
      continue;
    }
    last = lookUp([...at, part], tree);
    if (typeof last === 'string') {
      at.push(part);
      continue;
    }
    if (++links > MOST_LINKS) return null;
    if (last.link.startsWith('/')) at.length = 0;
    rest.unshift(...partsOf(last.link));
  }
  return links > 0 && last === 'nothing' ? `/${at.join('/')}` : null;
}

function lookUp(parts: readonly string[], { layers, upper, covered }: Tree): Found {
  for (let length = parts.length; length > 0; length--) {
    const mounted = covered.get(`/${parts.slice(0, length).join('/')}`);
    if (mounted === undefined) continue;
    if (length === parts.length) return 'file';
    return mounted === null ? 'nothing' : (lookIn(mounted, parts.slice(length).join('/')) ?? 'nothing');
  }
  for (const layer of [upper, ...layers]) {
    const root = tryCall('openat', AT_FDCWD, layer, or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'));
    if (root < 0) continue;
    using _ = { [Symbol.dispose]: () => closeSync(root) };
    const found = lookIn(root, parts.join('/'));
    if (found !== null) return found;
  }
  return 'nothing';
}

/** Null: nothing is there that hides what layers below have. */
function lookIn(root: number, path: string): Found | null {
  const fd = tryCall('openat2', root, path, AS_IT_IS, OPEN_HOW_BYTES);
  if (fd === -ERRNO.ENOENT) return null;
  // Another layer's file, link or whiteout stands in the place of a directory on the way.
  if (fd < 0) return 'nothing';
  using _ = { [Symbol.dispose]: () => closeSync(fd) };
  const stats = fstatSync(fd);
  if (stats.isSymbolicLink()) return { link: targetOf(fd, `read the link ${path}`) };
  // A whiteout is a character device 0:0 (overlayfs.rst).
  return stats.isCharacterDevice() && stats.rdev === 0 ? 'nothing' : 'file';
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function openHow(...flags: (keyof typeof O)[]): Words {
  const [open, walk] = [or(O, ...flags), or(RESOLVE, 'RESOLVE_NO_SYMLINKS')];
  return new Words([open, 0, walk], `{${open.text}, 0, ${walk.text}}`);
}
