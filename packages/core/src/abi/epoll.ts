/** epoll(7), include/uapi/linux/eventpoll.h. */
export const EPOLL = {
  EPOLLIN: 1,
  EPOLLPRI: 2,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 0x10,
  EPOLLONESHOT: 0x4000_0000,
  EPOLLET: 0x8000_0000,
} as const;
export const EPOLL_CLOEXEC = 0o2_000_000;
export const EPOLL_CTL = { EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3 } as const;

/** struct epoll_event: u32 events, u64 data; packed on x86-64 alone (eventpoll.h, EPOLL_PACKED). */
export const EPOLL_EVENT: Partial<Record<NodeJS.Architecture, { size: number; data: number }>> = {
  x64: { size: 12, data: 4 },
  arm64: { size: 16, data: 8 },
};
