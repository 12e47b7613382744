import { closeSync, constants, openSync } from 'node:fs';
import { FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, FS_XFLAG_PROJINHERIT, FSXATTR } from '../abi/quota.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { exchange } from './exchange.ts';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The project that a directory's files are counted for (ioctl_xfs_fsgetxattr(2)). 0: none, or a file system without projects. */
export function projectOf(directory: string): number {
  const fd = openSync(directory, DIRECTORY);
  try {
    const { result, bytes } = exchange('ioctl', [fd, FS_IOC_FSGETXATTR], new Uint8Array(FSXATTR.bytes));
    return result < 0 ? 0 : new DataView(bytes.buffer).getUint32(FSXATTR.project, true);
  } finally {
    closeSync(fd);
  }
}

/**
 * Counts an empty directory, and all that is made in it from now on, for a project. Files get the project of the directory that
 * they are made in, also in a user namespace, where nobody can change it. Throws a SyscallError.
 */
export function setProject(directory: string, id: number): void {
  const fd = openSync(directory, DIRECTORY);
  try {
    const before = exchange('ioctl', [fd, FS_IOC_FSGETXATTR], new Uint8Array(FSXATTR.bytes));
    if (before.result < 0) throw new SyscallError('ioctl', -before.result, `read the project of ${directory}`);
    const fields = new DataView(before.bytes.buffer);
    fields.setUint32(FSXATTR.flags, fields.getUint32(FSXATTR.flags, true) | FS_XFLAG_PROJINHERIT, true);
    fields.setUint32(FSXATTR.project, id, true);
    const { result } = exchange('ioctl', [fd, FS_IOC_FSSETXATTR], before.bytes);
    if (result < 0) throw new SyscallError('ioctl', -result, `make ${directory} part of project ${id}`);
  } finally {
    closeSync(fd);
  }
}
