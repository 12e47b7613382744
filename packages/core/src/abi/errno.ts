import { constants } from 'node:os';

/** Error numbers by name, as this architecture has them (include/uapi/asm-generic/errno*.h). */
export const ERRNO = constants.errno;
export type ErrnoName = keyof typeof ERRNO;

const NAMES = new Map<number, ErrnoName>();
// EAGAIN and EWOULDBLOCK, ENOTSUP and EOPNOTSUPP share a number: the first one named is the one errno(3) prefers.
for (const [name, number] of Object.entries(ERRNO) as [ErrnoName, number][]) if (!NAMES.has(number)) NAMES.set(number, name);

export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}
