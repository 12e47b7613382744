import { ERRNO, errnoName, type ErrnoName } from '../abi/errno.ts';

const PROCESSES: Partial<Record<ErrnoName, string>> = {
  EAGAIN: 'a limit on processes is reached: pids.max of a cgroup, ulimit -u of the user, kernel.pid_max or kernel.threads-max',
  ENOSPC: 'as many namespaces as user.max_*_namespaces, or as deep a nesting as the kernel allows: raise the sysctl of the type',
};
const NAMESPACES: Partial<Record<ErrnoName, string>> = {
  ENOSPC: 'as many namespaces as user.max_*_namespaces allows: raise the sysctl of the type',
};
const MOUNTS: Partial<Record<ErrnoName, string>> = {
  ENOSPC: 'as many mounts in this namespace as fs.mount-max allows: raise it by sysctl',
};

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
  EMFILE: 'as many open files as this process may have: raise ulimit -n',
  ENFILE: 'as many open files as the host allows: raise fs.file-max by sysctl',
  EDQUOT: 'over the quota of this user',
  ENAMETOOLONG: 'a name is too long',
  E2BIG: 'arguments and environment are too long',
  EROFS: 'a read-only file system',
  ESRCH: 'no such process',
};

/** Limits that an errno stands for with these syscalls: which one, and where it is raised. */
const LIMITS: Partial<Record<string, Partial<Record<ErrnoName, string>>>> = {
  inotify_init1: {
    EMFILE:
      'this user has as many inotify instances as fs.inotify.max_user_instances allows: raise it by sysctl, or end what has them',
  },
  inotify_add_watch: {
    ENOSPC: 'this user has as many inotify watches as fs.inotify.max_user_watches allows: raise it by sysctl',
  },
  epoll_ctl: { ENOSPC: 'this user has as many epoll watches as fs.epoll.max_user_watches allows: raise it by sysctl' },
  clone: PROCESSES,
  clone3: PROCESSES,
  fork: PROCESSES,
  unshare: NAMESPACES,
  move_mount: MOUNTS,
  open_tree: MOUNTS,
  mount: MOUNTS,
  bpf: { ENOMEM: 'out of memory, or over the limit on locked memory (ulimit -l)' },
};
const BY_NUMBER = new Map(Object.entries(WORDS).map(([name, words]) => [ERRNO[name as ErrnoName], words]));

/** In words, for what that syscall means by it. */
export function explainErrno(errno: number, syscall = ''): string | undefined {
  return LIMITS[syscall]?.[errnoName(errno) as ErrnoName] ?? BY_NUMBER.get(errno);
}
