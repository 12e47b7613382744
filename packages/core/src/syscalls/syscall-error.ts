import { ERRNO, errnoName, type ErrnoName } from '../abi/errno.ts';
import { explainErrno } from './explain.ts';

/** A syscall that the kernel refused: "mount overlay on /merged: EINVAL (a mount option or path is not valid)". */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;
  /** What was being done, in words. */
  readonly purpose: string;

  constructor(syscall: string, errno: number, purpose: string) {
    const code = errnoName(errno);
    const why = explainErrno(errno, syscall);
    super(`${purpose}: ${syscall}: ${code}${why === undefined ? '' : ` (${why})`}`);
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
    this.purpose = purpose;
  }

  is(...names: readonly ErrnoName[]): boolean {
    return names.some((name) => ERRNO[name] === this.errno);
  }
}
