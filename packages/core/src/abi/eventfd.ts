/** eventfd(2), include/uapi/linux/eventfd.h. Read, it gives the sum of its signals as a u64. */
export const EFD = { EFD_NONBLOCK: 0o4000, EFD_CLOEXEC: 0o2_000_000 } as const;
export const EVENTFD_BYTES = 8;
