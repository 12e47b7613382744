import { expect, test } from 'vitest';
import { ERRNO, type ErrnoName } from '../abi/errno.ts';
import { SyscallError } from './syscall-error.ts';

test.each<[syscall: string, errno: ErrnoName, limit: string]>([
  ['inotify_init1', 'EMFILE', 'fs.inotify.max_user_instances'],
  ['inotify_add_watch', 'ENOSPC', 'fs.inotify.max_user_watches'],
  ['epoll_ctl', 'ENOSPC', 'fs.epoll.max_user_watches'],
  ['clone3', 'EAGAIN', 'pids.max'],
  ['clone3', 'ENOSPC', 'user.max_*_namespaces'],
  ['unshare', 'ENOSPC', 'user.max_*_namespaces'],
  ['mount', 'ENOSPC', 'fs.mount-max'],
  ['openat', 'EMFILE', 'ulimit -n'],
  ['openat', 'ENFILE', 'fs.file-max'],
])('%s that fails with %s names the limit %s', (syscall, errno, limit) => {
  expect(new SyscallError(syscall, ERRNO[errno], 'start').message).toContain(limit);
});
