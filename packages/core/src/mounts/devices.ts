import { AT_FDCWD, S, makeDevice } from '../abi/open.ts';
import type { Program } from '../program/program.ts';

/** OCI runtime-spec, "Default Devices". */
const NODES = [
  { name: 'null', major: 1, minor: 3 },
  { name: 'zero', major: 1, minor: 5 },
  { name: 'full', major: 1, minor: 7 },
  { name: 'random', major: 1, minor: 8 },
  { name: 'urandom', major: 1, minor: 9 },
  { name: 'tty', major: 5, minor: 0 },
] as const;

/** OCI runtime-spec, "Dev symbolic links". */
const LINKS = [
  { name: 'fd', target: '/proc/self/fd' },
  { name: 'stdin', target: '/proc/self/fd/0' },
  { name: 'stdout', target: '/proc/self/fd/1' },
  { name: 'stderr', target: '/proc/self/fd/2' },
  { name: 'ptmx', target: 'pts/ptmx' },
] as const;

/** The standard nodes and links in the container's own /dev, a tmpfs mounted just before: nothing of an image is in it. */
export function makeDevices(program: Program): void {
  for (const { name, major, minor } of NODES) {
    const mode = { value: S.S_IFCHR + 0o666, text: 'S_IFCHR|0666' };
    const device = { value: makeDevice(major, minor), text: `makedev(${major}, ${minor})` };
    program.call(`make /dev/${name}`, 'mknodat', [AT_FDCWD, `/dev/${name}`, mode, device]);
  }
  for (const { name, target } of LINKS) program.call(`link /dev/${name}`, 'symlinkat', [target, AT_FDCWD, `/dev/${name}`]);
}

/** umask(2) for the nodes above to get the mode that is written. */
export function clearUmask(program: Program): void {
  program.call('clear the umask', 'umask', [0]);
}
