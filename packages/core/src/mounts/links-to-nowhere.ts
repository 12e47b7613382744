import { PATH_MAX } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { MOST_LINKS, type BindSources } from './bind-source.ts';
import type { Rootfs } from './rootfs.ts';
import { RootfsLookup, type Covered } from './rootfs-lookup.ts';

/** Parts of paths that are looked at, and made, for one mount: a link's text is the image's. */
const MOST_PARTS = 256;
/** Parts that are made for all mounts of a start, each by two steps of its program. */
const MOST_MADE = 2048;

/**
 * Where a person's mounts lead whose destination passes a symbolic link without a target, as plain paths of the rootfs: what is to be made there
 * before. The overlay is not mounted yet, so it looks into the layers, the topmost first, and into what is mounted before.
 *
 * All of that is what images and containers have made, and may change meanwhile. No link is ever followed here, and what is
 * found is only a hint: the start resolves it again, inside the rootfs. Where it is wrong, as with an opaque directory of
 * an earlier run (overlayfs.rst), or where there is none since the way is too long, the start fails at the mount point.
 */
export function linksToNowhere(
  mounts: readonly OciMount[],
  { layers, upper }: Rootfs,
  sources: BindSources,
): Map<OciMount, string> {
  const found = new Map<OciMount, string>();
  if (mounts.length === 0) return found;
  using lookup = new RootfsLookup([upper, ...layers]);
  const covered = new Map<string, number | null>();
  let made = 0;
  for (const mount of mounts) {
    const { destination, type, source } = mount;
    const isWithin = [...covered.keys()].some((outer) => destination.startsWith(`${outer}/`));
    const target = isWithin || lookup.hasLink(destination.slice(1)) ? leadsNowhere(destination, lookup, covered) : null;
    if (target !== null) made += partsOf(target).length;
    if (target !== null && made <= MOST_MADE) found.set(mount, target);
    covered.set(target ?? destination, type === 'bind' ? sources.get(source) : null);
  }
  return found;
}

/**
 * Where a path leads that passes a link without a target: a path without links that is shorter than PATH_MAX. Null: it passes none, or the
 * way is one that the kernel would refuse, or that is longer than what is looked at; the kernel reports it then.
 */
export function leadsNowhere(destination: string, lookup: RootfsLookup, covered: Covered = new Map()): string | null {
  const rest = partsOf(destination);
  const at: string[] = [];
  let links = 0;
  for (let looked = 0; looked < MOST_PARTS; looked++) {
    const part = rest.shift();
    if (part === undefined) return null;
    if (part === '..') {
      at.pop();
      continue;
    }
    at.push(part);
    const path = at.join('/');
    const found = isShort(`/${path}`) ? lookup.lookUp(path, covered) : 'unknown';
    if (found === 'file') continue;
    if (found === 'unknown') return null;
    // No link is behind what is not there.
    if (found === 'nothing') return links === 0 ? null : pathToMake([...at, ...rest]);
    if (++links > MOST_LINKS) return null;
    if (found.link.startsWith('/')) at.length = 0;
    else at.pop();
    rest.unshift(...partsOf(found.link));
  }
  return null;
}

/** The kernel finds no ".." in a directory that is not there. */
function pathToMake(parts: readonly string[]): string | null {
  const path = `/${parts.join('/')}`;
  return parts.length > MOST_PARTS || parts.includes('..') || !isShort(path) ? null : path;
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) < PATH_MAX;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
