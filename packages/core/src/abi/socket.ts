/** socket(7), unix(7): include/uapi/asm-generic/socket.h; struct ucred is pid, uid and gid, each an s32. */
export const SOCKET = { SOL_SOCKET: 1, SO_PEERCRED: 17, ucredBytes: 12 } as const;
