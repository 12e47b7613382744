import { CLONE } from '../abi/clone.ts';
import { mode, or } from '../abi/flags.ts';
import { FSCONFIG } from '../abi/mount.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { Result } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import type { Program } from '../program/program.ts';
import { setAttributes } from './attributes.ts';
import { makeFileSystem, type FileSystemParameter } from './file-system.ts';
import { attachAt } from './mount.ts';
import { escapeOption, stopPropagation, type Rootfs } from './rootfs.ts';
import { copyMount } from './tree.ts';

const PURPOSE = 'prepare the rootfs';

/**
 * Makes the overlay of a container in a user namespace, attached nowhere yet: its layers show the ids on disk as those of the
 * container, by id-mapped mounts, so that nothing is ever chowned and every container shares the same layers. Played by
 * the host's root, whose rights the overlay keeps for what it does below.
 */
export function makeIdMappedOverlay(program: Program, rootfs: Rootfs, userNamespace: number): Result {
  const layers = rootfs.layers.map((layer) => {
    const purpose = `map the ids of layer ${layer}`;
    const copy = copyMount(program, purpose, layer, { as: 'layer' });
    setAttributes(program, purpose, copy, { set: ['MOUNT_ATTR_IDMAP'], userNamespace });
    return copy;
  });
  return overlayTakesDescriptors() ? overlayOf(program, rootfs, layers) : overlayByPaths(program, rootfs, layers);
}

/** Linux 6.13: layers by descriptor, which need not be attached. */
function overlayOf(program: Program, { upper, work }: Rootfs, layers: readonly Result[]): Result {
  const open = (path: string, as: string) =>
    program.call(PURPOSE, 'openat', [AT_FDCWD, path, or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC')], { as });
  const parameters: FileSystemParameter[] = [
    { key: 'source', value: 'overlay' },
    ...layers.map((fd) => ({ key: 'lowerdir+', value: { fd } })),
    { key: 'upperdir', value: { fd: open(upper, 'upper') } },
    { key: 'workdir', value: { fd: open(work, 'work') } },
  ];
  return makeFileSystem(program, PURPOSE, 'overlay', parameters, []);
}

/**
 * Before: layers by path, of mounts in the mount namespace of who makes the overlay. They are attached in a mount namespace
 * that nothing but these steps and the container's own begins with.
 */
function overlayByPaths(program: Program, { upper, work, mountPoint }: Rootfs, layers: readonly Result[]): Result {
  program.call(PURPOSE, 'unshare', [or(CLONE, 'CLONE_NEWNS')]);
  stopPropagation(program);
  program.call(PURPOSE, 'mount', ['tmpfs', mountPoint, 'tmpfs', 0, 'size=64k,mode=700']);
  const paths = layers.map((layer, i) => {
    const path = `${mountPoint}/${i}`;
    program.call(PURPOSE, 'mkdirat', [AT_FDCWD, path, mode(0o700)]);
    attachAt(program, PURPOSE, layer, path);
    return path;
  });
  const data = `lowerdir=${paths.join(':')},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}`;
  program.call(PURPOSE, 'mount', ['overlay', mountPoint, 'overlay', 0, data]);
  return copyMount(program, PURPOSE, mountPoint, { as: 'rootfs' });
}

let takesDescriptors: boolean | undefined;

function overlayTakesDescriptors(): boolean {
  takesDescriptors ??= tryDescriptor();
  return takesDescriptors;
}

function tryDescriptor(): boolean {
  const context = tryCall('fsopen', 'overlay', 1);
  const root = tryCall('openat', AT_FDCWD, '/', or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'));
  const taken = tryCall('fsconfig', context, FSCONFIG.FSCONFIG_SET_FD, 'lowerdir+', 0, root);
  for (const fd of [context, root]) tryCall('close', fd);
  return taken === 0;
}
