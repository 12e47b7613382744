import { statSync } from 'node:fs';
import { or } from '../abi/flags.ts';
import { MS } from '../abi/mount.ts';
import type { Program } from '../program/program.ts';

/**
 * Masks paths of /proc and /sys: a file shows an empty device, a directory an empty read-only tmpfs with room for nothing.
 * The stand-in is the /dev/null that this very program made in a tmpfs of its own, before any process of the container
 * ran: it cannot be anything else (CVE-2025-31133). Which paths exist, and which are directories, is the kernel's doing
 * and the same here as there.
 */
export function maskPaths(program: Program, paths: readonly string[]): void {
  let empty: string | undefined;
  for (const path of paths) {
    const kind = kindOf(path);
    const purpose = `mask ${path}`;
    if (kind === 'file') program.call(purpose, 'mount', ['/dev/null', path, 0, or(MS, 'MS_BIND'), 0], { tolerate: ['ENOENT'] });
    if (kind !== 'directory') continue;
    // One empty tmpfs serves all: a bind costs a third of another superblock.
    if (empty === undefined) {
      const flags = or(MS, 'MS_RDONLY', 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC');
      program.call(purpose, 'mount', ['tmpfs', path, 'tmpfs', flags, 'nr_blocks=1,nr_inodes=1']);
      empty = path;
    } else {
      program.call(purpose, 'mount', [empty, path, 0, or(MS, 'MS_BIND'), 0], { tolerate: ['ENOENT'] });
    }
  }
}

/** A bind of each path onto itself, made read-only. */
export function makeReadonly(program: Program, paths: readonly string[]): void {
  for (const path of paths) {
    if (kindOf(path) === null) continue;
    const purpose = `make ${path} read-only`;
    program.call(purpose, 'mount', [path, path, 0, or(MS, 'MS_BIND', 'MS_REC'), 0]);
    const flags = or(MS, 'MS_BIND', 'MS_REMOUNT', 'MS_RDONLY', 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC');
    program.call(purpose, 'mount', [0, path, 0, flags, 0]);
  }
}

const kinds = new Map<string, 'file' | 'directory' | null>();

/** What the kernel has at a path of /proc or /sys; it is the same for the life of a kernel. */
function kindOf(path: string): 'file' | 'directory' | null {
  let kind = kinds.get(path);
  if (kind === undefined) {
    const stat = statSync(path, { throwIfNoEntry: false });
    kind = stat === undefined ? null : stat.isDirectory() ? 'directory' : 'file';
    kinds.set(path, kind);
  }
  return kind;
}
