import { AT_FDCWD, S } from '../abi/open.ts';
import { call } from '../program/call.ts';

/** mkfifo(3): a new FIFO that its owner alone may open. Throws a SyscallError, EEXIST where something is there. */
export function makeFifo(path: string): void {
  call(`make the FIFO ${path}`, 'mknodat', AT_FDCWD, path, { value: S.S_IFIFO + 0o600, text: 'S_IFIFO|0600' }, 0);
}
