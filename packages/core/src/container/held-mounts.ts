import { readlinkSync } from 'node:fs';
import { AT_FDCWD, O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import { namespacePath } from '../namespaces/types.ts';
import { tryCall } from '../program/call.ts';
import { Program } from '../program/program.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';

/**
 * A container's mount namespace, held past its end. Without it the last process takes the mounts down as it ends: it waits for
 * RCU and the disk before anybody is told of its end, and with the overlay syncs the whole file system below, which the kernel
 * counts as this cgroup's io, whoever had written that (ovl_sync_fs, sync_filesystem). So it is let go of after the last reading.
 */
export class HeldMounts {
  readonly #zygotes: ZygotePool;
  readonly #fd: number | null;
  readonly #share: string;
  #released: Promise<void> | null = null;

  /** `fd`: of the namespace, which is this object's to close; null: nothing is held. `share`: as StartRequest has it. */
  constructor(zygotes: ZygotePool, fd: number | null, share: string) {
    this.#zygotes = zygotes;
    this.#fd = fd;
    this.#share = share;
  }

  /** Of a process that runs already. */
  static of(zygotes: ZygotePool, pid: number, share: string): HeldMounts {
    const fd = tryCall('openat', AT_FDCWD, namespacePath(pid, 'mount'), or(O, 'O_RDONLY', 'O_CLOEXEC'));
    return new HeldMounts(zygotes, fd < 0 ? null : fd, share);
  }

  /** Resolves when they are taken down, where nobody else is in there. */
  async release(): Promise<void> {
    this.#released ??= this.#fd === null ? Promise.resolve() : this.#close(this.#fd);
    await this.#released;
  }

  /** In a zygote, which shares this process's table: the last close of a mount waits for RCU, and for the disk to finish writes. */
  async #close(fd: number): Promise<void> {
    const before = whatIsOpen(fd);
    const program = new Program();
    program.timed = true;
    program.call('close its mounts', 'close', [fd], { tolerate: 'any' });
    const { loaded: played, finished } = await this.#zygotes.play(program, { share: this.#share, closes: true });
    using loaded = played;
    // The zygote was killed before it came to it, or in the middle: then the number may be another's by now.
    if (!finished && loaded.doneAtNs(0) === null && whatIsOpen(fd) === before) tryCall('close', fd);
  }
}

/** `mnt:[4026531841]` */
function whatIsOpen(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
