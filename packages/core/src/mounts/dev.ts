import { mode, or } from '../abi/flags.ts';
import { AT, AT_FDCWD, S, makeDevice } from '../abi/open.ts';
import type { OciDevice, OciMount } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { makeFileSystem } from './file-system.ts';
import { parseMountOptions } from './options.ts';

/** OCI runtime-spec, "Default Devices". */
const NODES: readonly OciDevice[] = [
  { type: 'c', path: '/dev/null', major: 1, minor: 3 },
  { type: 'c', path: '/dev/zero', major: 1, minor: 5 },
  { type: 'c', path: '/dev/full', major: 1, minor: 7 },
  { type: 'c', path: '/dev/random', major: 1, minor: 8 },
  { type: 'c', path: '/dev/urandom', major: 1, minor: 9 },
  { type: 'c', path: '/dev/tty', major: 5, minor: 0 },
];

/** OCI runtime-spec, "Dev symbolic links". */
const LINKS = [
  { name: 'fd', target: '/proc/self/fd' },
  { name: 'stdin', target: '/proc/self/fd/0' },
  { name: 'stdout', target: '/proc/self/fd/1' },
  { name: 'stderr', target: '/proc/self/fd/2' },
  { name: 'ptmx', target: 'pts/ptmx' },
] as const;

export function isDev({ destination, type }: OciMount): boolean {
  return destination === '/dev' && type === 'tmpfs';
}

/**
 * A container's own /dev with its nodes, mounted nowhere yet. Played by the host's root: in a file system that was made inside
 * a user namespace no node can be opened, and mknod is refused there (mount_namespaces(7), user_namespaces(7)). Nothing
 * of an image is in it. `owner`: the ids that are the container's root outside.
 */
export function makeDev(program: Program, { options, source }: OciMount, devices: readonly OciDevice[], owner: Owner): Result {
  const { attributes, parameters } = parseMountOptions(options);
  const ids = [
    { key: 'uid', value: String(owner.uid) },
    { key: 'gid', value: String(owner.gid) },
  ];
  const all = [{ key: 'source', value: source }, ...parameters, ...(owner.uid === 0 ? [] : ids)];
  const dev = makeFileSystem(program, 'make /dev', 'tmpfs', all, attributes);
  for (const device of [...NODES, ...devices]) makeNode(program, dev, device, owner);
  return dev;
}

export interface Owner {
  uid: number;
  gid: number;
}

function makeNode(program: Program, dev: Result, { type, path, major, minor, ...settings }: OciDevice, owner: Owner): void {
  const purpose = `make ${path}`;
  const name = path.slice('/dev/'.length);
  const parts = name.split('/').slice(0, -1);
  for (const i of parts.keys()) {
    program.call(purpose, 'mkdirat', [dev, parts.slice(0, i + 1).join('/'), mode(0o755)], { tolerate: ['EEXIST'] });
  }
  const bits = settings.fileMode ?? 0o666;
  const kind = type === 'b' ? { value: S.S_IFBLK, text: 'S_IFBLK' } : { value: S.S_IFCHR, text: 'S_IFCHR' };
  const node = { value: kind.value + bits, text: `${kind.text}|${mode(bits).text}` };
  program.call(purpose, 'mknodat', [dev, name, node, { value: makeDevice(major, minor), text: `makedev(${major}, ${minor})` }]);
  const uid = owner.uid + (settings.uid ?? 0);
  const gid = owner.gid + (settings.gid ?? 0);
  if (uid !== 0 || gid !== 0) program.call(purpose, 'fchownat', [dev, name, uid, gid, or(AT, 'AT_SYMLINK_NOFOLLOW')]);
}

/** In the container's own /dev, as the container's root. */
export function linkDevices(program: Program): void {
  for (const { name, target } of LINKS) program.call(`link /dev/${name}`, 'symlinkat', [target, AT_FDCWD, `/dev/${name}`]);
}

/** umask(2) for the nodes above to get the mode that is written. */
export function clearUmask(program: Program): void {
  program.call('clear the umask', 'umask', [0]);
}
