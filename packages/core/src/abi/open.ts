import { constants } from 'node:fs';

/** open(2), openat2(2): include/uapi/asm-generic/fcntl.h, include/uapi/linux/openat2.h. */
export const AT_FDCWD = { value: -100, text: 'AT_FDCWD' } as const;
export const O = {
  O_RDONLY: constants.O_RDONLY,
  O_WRONLY: constants.O_WRONLY,
  O_RDWR: constants.O_RDWR,
  O_NONBLOCK: constants.O_NONBLOCK,
  O_NOCTTY: constants.O_NOCTTY,
  O_DIRECTORY: constants.O_DIRECTORY,
  O_CREAT: constants.O_CREAT,
  O_NOFOLLOW: constants.O_NOFOLLOW,
  O_CLOEXEC: 0o2_000_000,
  O_PATH: 0o10_000_000,
} as const;
/** What the *at calls take beside a path. */
export const AT = { AT_SYMLINK_NOFOLLOW: 0x100, AT_EMPTY_PATH: 0x1000, AT_RECURSIVE: 0x8000 } as const;
export const RESOLVE = {
  RESOLVE_NO_XDEV: 1,
  RESOLVE_NO_MAGICLINKS: 2,
  RESOLVE_NO_SYMLINKS: 4,
  RESOLVE_BENEATH: 8,
  RESOLVE_IN_ROOT: 0x10,
} as const;

/** Bytes of a path with its NUL, and of a name without (include/uapi/linux/limits.h). */
export const PATH_MAX = 4096;
export const NAME_MAX = 255;

/** struct open_how: flags, mode, resolve, each a u64. */
export const OPEN_HOW_BYTES = 24;

/** mknod(2) types. */
export const S = { S_IFREG: 0o100_000, S_IFCHR: 0o020_000, S_IFBLK: 0o060_000, S_IFIFO: 0o010_000 } as const;

/** Device number as mknod and stat pack it (include/linux/kdev_t.h, new_encode_dev). */
export function makeDevice(major: number, minor: number): number {
  return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}
