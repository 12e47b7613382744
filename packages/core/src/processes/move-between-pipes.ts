import { SPLICE_F_NONBLOCK } from '../abi/splice.ts';
import { call } from '../program/call.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';

/**
 * Moves bytes from one pipe or FIFO into another, which never waits (splice(2)). Returns how many it were; 'none' where the first is empty or the
 * other full, 'closed' where no process has the other open to read. A process that is killed meanwhile has moved each byte or has not: none is lost or
 * doubled.
 */
export function moveBetweenPipes(from: number, to: number, most: number): number | 'none' | 'closed' {
  try {
    const moved = call('move between pipes', 'splice', from, 0, to, 0, most, SPLICE_F_NONBLOCK);
    return moved === 0 ? 'none' : moved;
  } catch (error) {
    if (error instanceof SyscallError && error.is('EAGAIN')) return 'none';
    if (error instanceof SyscallError && error.is('EPIPE')) return 'closed';
    throw error;
  }
}
