import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from './leftovers.ts';

/** A file system of its own, ext4 on a loop device, that can be filled. It lies in this process's directory, with which it goes at the latest. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'mounted');
  }

  /** Null: this host mounts no loop devices, or has no mkfs.ext4. */
  static make(bytes: number): SmallDisk | null {
    const directory = mkdtempSync(join(ownDirectory(), 'disk-'));
    // The web process's user passes through.
    chmodSync(directory, 0o755);
    const disk = new SmallDisk(directory);
    const image = join(disk.#directory, 'image');
    writeFileSync(image, '');
    truncateSync(image, bytes);
    mkdirSync(disk.path);
    // No blocks for root alone: full is full for Plimsoll, too.
    const made = run('mkfs.ext4', '-q', '-F', '-m', '0', image) && run('mount', '-o', 'loop', image, disk.path);
    if (made) return disk;
    rmSync(disk.#directory, { recursive: true });
    return null;
  }

  /** Its loop device goes with the mount. */
  [Symbol.dispose](): void {
    run('umount', this.path);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Takes so many bytes of a file system, without writing them (fallocate(1)). */
export function allocate(path: string, bytes: number): void {
  if (!run('fallocate', '-l', String(bytes), path)) throw new Error(`${bytes} bytes cannot be allocated as ${path}`);
}

function run(command: string, ...args: readonly string[]): boolean {
  return (
    spawnSync(command, args, { stdio: 'ignore', env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } })
      .status === 0
  );
}
