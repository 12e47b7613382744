/**
 * socket(7), unix(7), cmsg(3): include/uapi/asm-generic/socket.h, include/linux/socket.h, include/linux/net.h. struct ucred is pid,
 * uid and gid, each an s32.
 */
export const SOCKET = {
  SOL_SOCKET: 1,
  SO_PEERCRED: 17,
  SO_SNDBUFFORCE: 32,
  SO_PEEK_OFF: 42,
  SCM_RIGHTS: 1,
  ucredBytes: 12,
} as const;

export const SOCK = { SOCK_SEQPACKET: 5, SOCK_CLOEXEC: 0o2_000_000 } as const;

export const MSG = { MSG_PEEK: 2, MSG_DONTWAIT: 0x40, MSG_NOSIGNAL: 0x4000, MSG_CMSG_CLOEXEC: 0x4000_0000 } as const;

/** struct cmsghdr with one descriptor behind it: size_t length, int level, int type, int fd, padding. `length` is its own value there. */
export const ONE_DESCRIPTOR = { size: 24, length: 20, level: 8, type: 12, fd: 16 } as const;

/** struct msghdr: name, its length, iov, how many, control, its length, flags; a word each (64-bit). */
export const MSGHDR = { size: 56, iov: 16, iovCount: 24, control: 32, controlLength: 40 } as const;

/** Of unix sockets and pipes: bytes that can be read (include/uapi/asm-generic/ioctls.h). */
export const FIONREAD = 0x541b;
