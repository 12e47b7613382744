/** memfd_create(2), fallocate(2), lseek(2): include/uapi/linux/memfd.h, falloc.h, fs.h. */
export const MFD = { MFD_CLOEXEC: 1 } as const;
export const FALLOC = { FALLOC_FL_KEEP_SIZE: 1, FALLOC_FL_PUNCH_HOLE: 2 } as const;
export const SEEK_DATA = 3;
