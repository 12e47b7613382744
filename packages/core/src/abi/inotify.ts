/** inotify(7), include/uapi/linux/inotify.h. */
export const IN = { IN_MODIFY: 2, IN_Q_OVERFLOW: 0x4000, IN_NONBLOCK: 0o4000, IN_CLOEXEC: 0o2_000_000 } as const;

/** struct inotify_event: s32 wd, u32 mask, u32 cookie, u32 len, and a name of so many bytes. */
export const INOTIFY_EVENT = { size: 16, watch: 0, mask: 4, nameBytes: 12 } as const;
