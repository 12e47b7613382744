/** socket(2), netdevice(7): include/uapi/linux/{socket,sockios,if}.h. */
export const AF_INET = 2;
export const SOCK_DGRAM = 2;
export const SOCK_CLOEXEC = 0o2_000_000;
export const SIOCSIFFLAGS = 0x8914;
export const IFF_UP = 1;

/** struct ifreq: the name in 16 bytes, then a union whose first two are the flags; 40 bytes in all. */
export const IFREQ = { size: 40, flags: 16 } as const;
