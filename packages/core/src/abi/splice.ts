/** splice(2), include/linux/splice.h. */
export const SPLICE_F_NONBLOCK = { value: 2, text: 'SPLICE_F_NONBLOCK' } as const;
