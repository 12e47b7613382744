import { mode, or } from '../abi/flags.ts';
import { O } from '../abi/open.ts';
import { OPEN_TREE } from '../abi/mount.ts';
import { Label } from '../program/label.ts';
import { Memory, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { makeFileSystem } from './file-system.ts';
import { leadsNowhere } from './links-to-nowhere.ts';
import { attach, attachAt } from './mount.ts';
import { makeFileAt, openFileAt } from './mount-point.ts';
import type { Rootfs } from './rootfs.ts';
import { RootfsLookup } from './rootfs-lookup.ts';

/** A small file that a container has in the place of its image's: `/etc/hosts`. */
export interface NetworkFile {
  path: `/etc/${string}`;
  text: string;
}

/**
 * How much a container's root can write to all of them. They lie in memory, and count as the container's. Nothing else can be made beside
 * them: nobody reaches their directory.
 */
const PARAMETERS = [{ key: 'size', value: '256k' }];

/**
 * Mounts files of the container's own over those of its image. They are in one tmpfs of its user namespace: its root may write to them, as
 * with docker; what it writes is bounded, is on no disk, and changes no layer; no id has to be mapped.
 *
 * open_tree(2) copies before Linux 6.15 nothing that is attached nowhere. So the tmpfs is mounted on the host's /dev, which needs no rights
 * to reach, in this mount namespace alone: pivot_root(2) detaches it with the host's root.
 *
 * They come before a person's mounts, which therefore win, and lead none of these into a volume or a directory of the host. An image's links
 * are followed inside the rootfs. Where an image has no place for one, as a directory of that name, it is left out.
 */
export function mountNetworkFiles(program: Program, files: readonly NetworkFile[], rootfs: Rootfs): void {
  if (files.length === 0) return;
  const purpose = "make the container's own files of /etc";
  const store = makeFileSystem(program, purpose, 'tmpfs', PARAMETERS, [
    'MOUNT_ATTR_NOSUID',
    'MOUNT_ATTR_NODEV',
    'MOUNT_ATTR_NOEXEC',
  ]);
  attachAt(program, purpose, store, '/dev');
  using lookup = new RootfsLookup([rootfs.upper, ...rootfs.layers]);
  for (const file of files) {
    const nowhere = imageHasLink(rootfs.layers, file.path) ? leadsNowhere(file.path, lookup) : null;
    mountOver(program, file.path, { tree: makeFile(program, store, file), nowhere });
  }
}

/** A mount of the file alone. */
function makeFile(program: Program, store: Result, { path, text }: NetworkFile): Result {
  const purpose = `make ${path}`;
  const name = path.slice('/etc/'.length);
  const flags = or(O, 'O_WRONLY', 'O_CREAT', 'O_CLOEXEC');
  const file = program.call(purpose, 'openat', [store, name, flags, mode(0o644)], { as: path });
  const bytes = new TextEncoder().encode(text);
  program.call(purpose, 'write', [file, new Memory(bytes, `[${bytes.length} bytes]`), bytes.length]);
  return program.call(purpose, 'open_tree', [store, name, or(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC')], { as: 'tree' });
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
