import { fstatSync } from 'node:fs';
import type { OciMount } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';
import { setAttributes } from './attributes.ts';
import { attach } from './mount.ts';
import { openMountPoint } from './mount-point.ts';
import { parseMountOptions } from './options.ts';
import { copyMount } from './tree.ts';

/** A bind whose source has been taken hold of, while the host's paths are there. */
export interface PreparedBind {
  mount: OciMount;
  kind: 'file' | 'directory';
  tree: Result;
  /** The step that has the files shown by the container's ids, where the bind does without if the kernel refuses it; else null. */
  idMap: Result | null;
}

const PROPAGATION = { private: 'MS_PRIVATE', slave: 'MS_SLAVE', shared: 'MS_SHARED' } as const;

/** Played by the host's root. `opened`: descriptor of its source. `userNamespace`: whose ids `idmap` shows the files by; null: the host's, which they have on disk. */
export function prepareBind(program: Program, mount: OciMount, opened: number, userNamespace: number | null): PreparedBind {
  const { source, options } = mount;
  const { attributes, parameters } = parseMountOptions(options);
  const words = parameters.map(({ key }) => key);
  const idMapping = parameters.find(({ key }) => key === 'idmap')?.value;
  const purpose = purposeOf(mount);
  const recursive = words.includes('rbind');
  const tree = copyMount(program, purpose, opened, { recursive, as: JSON.stringify(source) });
  const propagation = Object.entries(PROPAGATION).find(([word]) => words.some((one) => one === word || one === `r${word}`));
  const mapped = idMapping === null && userNamespace !== null ? userNamespace : null;
  setAttributes(program, purpose, tree, {
    set: [...attributes, ...(mapped === null ? [] : (['MOUNT_ATTR_IDMAP'] as const))],
    propagation: propagation?.[1] ?? 'MS_PRIVATE',
    ...(mapped !== null && { userNamespace: mapped }),
  });
  const idMap = idMapping === 'auto' && userNamespace !== null ? tryIdMap(program, source, { tree, userNamespace }) : null;
  return { mount, kind: fstatSync(opened).isDirectory() ? 'directory' : 'file', tree, idMap };
}

/** All mounts of the tree, or none where the kernel refuses one of them (fs/namespace.c, mount_setattr_prepare). */
function tryIdMap(program: Program, source: string, { tree, userNamespace }: { tree: Result; userNamespace: number }): Result {
  return setAttributes(program, `show ${source} by the ids of the container`, tree, {
    set: ['MOUNT_ATTR_IDMAP'],
    userNamespace,
    tolerate: ['EINVAL', 'EPERM'],
  });
}

function purposeOf({ source, destination }: OciMount): string {
  return `take hold of ${source} for ${destination}`;
}

/** Why the kernel did not take hold of a bind's source, where the errno of that step tells more than its name does. */
export function whyBindRefused({ purpose, syscall, code }: SyscallError, mounts: readonly OciMount[]): string | null {
  const bind = mounts.find((mount) => mount.type === 'bind' && purpose === purposeOf(mount));
  if (syscall !== 'mount_setattr' || code !== 'EINVAL' || bind?.options.includes('idmap') !== true) return null;
  const which = bind.options.includes('rbind') ? 'its file system, or one mounted below it,' : 'its file system';
  return `${which} cannot show files by other ids (idmapped mounts)`;
}

/** Puts it in its place inside the rootfs, which is the working directory. `nowhere`: as openMountPoint has it. */
export function attachBind(program: Program, { mount, kind, tree }: PreparedBind, nowhere: string | null): void {
  attach(program, `mount ${mount.source} on ${mount.destination}`, tree, openMountPoint(program, mount, kind, nowhere));
}
