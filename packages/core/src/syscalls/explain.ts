import { ERRNO, type ErrnoName } from '../abi/errno.ts';

const WORDS: Partial<Record<ErrnoName, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EEXIST: 'it exists already',
  ENOTDIR: 'a part of the path is not a directory',
  EINVAL: 'an argument is not valid',
  ENOEXEC: 'not in an executable format',
  ELOOP: 'a symbolic link stands where none may',
  ENOMEM: 'out of memory, or over the memory limit',
  EAGAIN: 'a limit is reached',
  ENOSPC: 'no space left, or a limit on their number is reached',
  ENODEV: 'this kernel has no such file system or device',
  ENOSYS: 'this kernel has no such syscall',
  EBUSY: 'in use',
  EMFILE: 'too many open files in this process',
  ENAMETOOLONG: 'a name is too long',
  E2BIG: 'arguments and environment are too long',
  EROFS: 'a read-only file system',
  ESRCH: 'no such process',
};
const BY_NUMBER = new Map(Object.entries(WORDS).map(([name, words]) => [ERRNO[name as ErrnoName], words]));

export function explainErrno(errno: number): string | undefined {
  return BY_NUMBER.get(errno);
}
