import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { MS, OPEN_TREE } from '../abi/mount.ts';
import { Label } from '../program/label.ts';
import { Memory, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { setAttributes } from './attributes.ts';
import { leadsNowhere } from './links-to-nowhere.ts';
import { attach } from './mount.ts';
import { makeFileAt, openFileAt } from './mount-point.ts';
import type { Rootfs } from './rootfs.ts';
import { RootfsLookup } from './rootfs-lookup.ts';

/** A small file that a container has in the place of its image's: `/etc/hosts`. */
export interface NetworkFile {
  path: `/etc/${string}`;
  text: string;
}

/** Where their tmpfs is mounted, in the container's mount namespace alone. */
const STORE = '/dev';
/** How much a container's root can write to all of them, in memory that counts as the container's. */
const SIZE = '256k';

/**
 * Mounts files of the container's own over those of its image. They are in one tmpfs of its user namespace: its root may write to them, as
 * with docker; what it writes is bounded, is on no disk, and changes no layer; no id has to be mapped. `readonly`: as docker has them in a
 * read-only rootfs.
 *
 * No path leads to the directory of that tmpfs. A file handle may: a root of the user namespace with CAP_DAC_READ_SEARCH can open one since
 * Linux 6.11 (open_by_handle_at(2)). The number of inodes is therefore that of these files and their directory: an empty file has no
 * bytes, and `size` would not bound those.
 *
 * open_tree(2) copies before Linux 6.15 nothing that is attached nowhere. So the tmpfs is mounted on the host's /dev, which needs no rights
 * to reach: pivot_root(2) detaches it with the host's root. mount(2) does in one call what fsopen(2) does in six.
 *
 * They come before a person's mounts, which therefore win, and lead none of these into a volume or a directory of the host. An image's links
 * are followed inside the rootfs. Where an image has no place for one, as a directory of that name, it is left out.
 */
export function mountNetworkFiles(
  program: Program,
  files: readonly NetworkFile[],
  { rootfs, readonly }: { rootfs: Rootfs; readonly: boolean },
): void {
  if (files.length === 0) return;
  const purpose = "make the container's own files of /etc";
  const flags = or(MS, 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC');
  program.call(purpose, 'mount', ['tmpfs', STORE, 'tmpfs', flags, `size=${SIZE},nr_inodes=${1 + files.length}`]);
  using lookup = new RootfsLookup([rootfs.upper, ...rootfs.layers]);
  for (const file of files) {
    const nowhere = imageHasLink(rootfs.layers, file.path) ? leadsNowhere(file.path, lookup) : null;
    const tree = makeFile(program, file);
    if (readonly) setAttributes(program, `make ${file.path} read-only`, tree, { set: ['MOUNT_ATTR_RDONLY'] });
    mountOver(program, file.path, { tree, nowhere });
  }
}

/** A mount of the file alone. */
function makeFile(program: Program, { path, text }: NetworkFile): Result {
  const purpose = `make ${path}`;
  const place = `${STORE}/${path.slice('/etc/'.length)}`;
  const flags = or(O, 'O_WRONLY', 'O_CREAT', 'O_CLOEXEC');
  const file = program.call(purpose, 'openat', [AT_FDCWD, place, flags, mode(0o644)], { as: path });
  const bytes = new TextEncoder().encode(text);
  program.call(purpose, 'write', [file, new Memory(bytes, `[${bytes.length} bytes]`), bytes.length]);
  return program.call(purpose, 'open_tree', [AT_FDCWD, place, or(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC')], {
    as: 'tree',
  });
}

/** One look where the image has the file, which the steps that make it are jumped over then. */
function mountOver(program: Program, path: string, { tree, nowhere }: { tree: Result; nowhere: string | null }): void {
  const purpose = `mount the container's own ${path}`;
  const [isThere, done] = [new Label(), new Label()];
  const found = openFileAt(program, purpose, path, isThere);
  makeFileAt(program, purpose, path, nowhere);
  attach(program, purpose, tree, openFileAt(program, purpose, path), { tolerate: 'any' });
  // Its result is always more than 0.
  program.call('go on', 'getpid', [], { jump: done });
  program.place(isThere);
  attach(program, purpose, tree, found, { tolerate: 'any' });
  program.place(done);
}

/** By layers and path: an image does not change. */
const links = new Map<string, boolean>();
const MOST_KNOWN = 4096;

function imageHasLink(layers: readonly string[], path: string): boolean {
  const key = JSON.stringify([path, ...layers]);
  let answer = links.get(key);
  if (answer === undefined) {
    using lookup = new RootfsLookup(layers);
    answer = lookup.hasLink(path.slice(1));
    if (links.size >= MOST_KNOWN) links.clear();
    links.set(key, answer);
  }
  return answer;
}
