import { closeSync, constants, openSync } from 'node:fs';
import { DQBLK, PROJECTS_ENFORCED, QIF_BLIMITS, QUOTA_BLOCK_BYTES, QUOTA_COMMAND, QUOTA_STATE } from '../abi/quota.ts';
import { ERRNO } from '../abi/errno.ts';
import type { Named } from '../abi/flags.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { hostKernel, isAtLeast } from '../syscalls/kernel-version.ts';
import { exchange } from './exchange.ts';

/** What the files of a project use of one file system. */
export interface ProjectUse {
  id: number;
  /** Bytes on disk. */
  bytes: number;
  inodes: number;
  /** The hard limit, bytes, a multiple of 1024. Null: none. */
  limitBytes: number | null;
}

/** Project quotas of the file system that a directory lies on (quotactl(2), ext4(5), xfs(5)). */
export class ProjectQuotas implements Disposable {
  readonly #fd: number;

  /** Throws where the directory cannot be opened. */
  constructor(directory: string) {
    this.#fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** Whether the file system enforces limits of projects now. quotaon(8) and a new mount change that. */
  get areEnforced(): boolean {
    const { result, bytes } = this.#call(QUOTA_COMMAND.getState, 0, new Uint8Array(QUOTA_STATE.bytes));
    return result >= 0 && (view(bytes).getUint16(QUOTA_STATE.flags, true) & PROJECTS_ENFORCED) !== 0;
  }

  /** Nothing used and no limit where the file system has no record of the project. Throws a SyscallError. */
  use(id: number): ProjectUse {
    const { result, bytes } = this.#call(QUOTA_COMMAND.getQuota, id, new Uint8Array(DQBLK.bytes));
    // xfs has no record of what was never used.
    if (result === -ERRNO.ENOENT) return { id, bytes: 0, inodes: 0, limitBytes: null };
    if (result < 0) throw new SyscallError('quotactl_fd', -result, `read the quota of project ${id}`);
    return decode(id, bytes);
  }

  /** The record with the least id from `from` on. Null: there is none, or this file system cannot list them. */
  next(from: number): ProjectUse | null {
    const { result, bytes } = this.#call(QUOTA_COMMAND.getNextQuota, from, new Uint8Array(DQBLK.bytes));
    return result < 0 ? null : decode(view(bytes).getUint32(DQBLK.id, true), bytes);
  }

  /** Sets or clears (null) the limit on space, rounded up to 1 KiB. Throws a SyscallError. */
  limit(id: number, limitBytes: number | null): void {
    const block = new Uint8Array(DQBLK.bytes);
    const blocks = limitBytes === null ? 0 : Math.max(1, Math.ceil(limitBytes / QUOTA_BLOCK_BYTES));
    view(block).setBigUint64(DQBLK.hardLimit, BigInt(blocks), true);
    view(block).setUint32(DQBLK.valid, QIF_BLIMITS, true);
    const { result } = this.#call(QUOTA_COMMAND.setQuota, id, block);
    if (result < 0) throw new SyscallError('quotactl_fd', -result, `limit project ${id}`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #call(command: Named, id: number, data: Uint8Array): { result: number; bytes: Uint8Array } {
    return exchange('quotactl_fd', [this.#fd, command, id], data);
  }
}

/** Why the file system of a directory enforces no limits of projects; null: it does. `directory` is to be there. */
export function whyNoProjectQuotas(directory: string): string | null {
  if (!isAtLeast(hostKernel(), { major: 5, minor: 14 })) return 'limits of directories need Linux 5.14 (quotactl_fd)';
  try {
    using quotas = new ProjectQuotas(directory);
    return quotas.areEnforced ? null : `the file system of ${directory} enforces no project quotas`;
  } catch (error) {
    return `${directory} cannot be opened: ${(error as Error).message}`;
  }
}

function decode(id: number, bytes: Uint8Array): ProjectUse {
  const at = (offset: number) => Number(view(bytes).getBigUint64(offset, true));
  const blocks = at(DQBLK.hardLimit);
  return {
    id,
    bytes: at(DQBLK.space),
    inodes: at(DQBLK.inodes),
    limitBytes: blocks === 0 ? null : blocks * QUOTA_BLOCK_BYTES,
  };
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
