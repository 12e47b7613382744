import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, RESOLVE, S } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { Words, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/**
 * Opens a mount's destination below the working directory, which is the rootfs, and makes what is missing of it.
 *
 * Where the kernel's own file systems go, a symbolic link on the way is refused, since an image could lay one to have /proc or
 * /dev somewhere else than everything after believes (CVE-2019-16884, CVE-2023-27561). A person's mounts follow an
 * image's links, /var/run to /run, as the container will: the rootfs is the root of that walk, and nothing leads out of it
 * (RESOLVE_IN_ROOT). They come before /proc and /sys are there, so no link leads to these either.
 */
export function openMountPoint(
  program: Program,
  { destination }: Pick<OciMount, 'destination'>,
  kind: 'file' | 'directory',
): Result {
  const parts = destination.split('/').filter(Boolean);
  if (parts.length === 0) throw new RangeError('a mount over the root of the container is its rootfs');
  const how = isPersonal(destination) ? FOLLOWING : PLAIN;
  let at: Result | typeof AT_FDCWD = AT_FDCWD;
  for (const i of parts.keys()) {
    const path = `/${parts.slice(0, i + 1).join('/')}`;
    const part = parts[i] ?? '';
    const isFile = kind === 'file' && i === parts.length - 1;
    const make = `make mount point ${path}`;
    const exists = { tolerate: ['EEXIST', 'EROFS'] } as const;
    if (isFile && how.creating !== null) {
      // Follows a link to nowhere, and makes the file there. What hinders it, the next step tells.
      program.call(make, 'openat2', [AT_FDCWD, path, how.creating, OPEN_HOW_BYTES], { tolerate: 'any' });
    } else if (isFile) {
      program.call(make, 'mknodat', [at, part, REGULAR, 0], exists);
    } else {
      program.call(make, 'mkdirat', [at, part, mode(0o755)], exists);
    }
    const flags = isFile ? how.file : how.directory;
    // In a walk from the root each link is followed anew; in a plain one each part is opened from the one before.
    const from = how === PLAIN ? ([at, part] as const) : ([AT_FDCWD, path] as const);
    at = program.call(`open mount point ${path}`, 'openat2', [...from, flags, OPEN_HOW_BYTES], { as: JSON.stringify(path) });
  }
  return at as Result;
}

/** Opens a directory that the kernel itself has below the working directory, which is the rootfs: nothing is made, and no link followed. */
export function openKernelDirectory(program: Program, destination: string): Result {
  const purpose = `open mount point ${destination}`;
  return program.call(purpose, 'openat2', [AT_FDCWD, destination.slice(1), PLAIN.directory, OPEN_HOW_BYTES], {
    as: JSON.stringify(destination),
  });
}

/** Where a person's mounts go, and not the kernel's: its own file systems, and what is mounted within them. */
export function isPersonal(destination: string): boolean {
  return !/^\/(?:proc|sys|dev)(?:\/|$)/.test(destination);
}

const REGULAR = { value: S.S_IFREG + 0o644, text: 'S_IFREG|0644' };

interface Ways {
  file: Words;
  directory: Words;
  /** Null: the file is made by its name alone. */
  creating: Words | null;
}

const PLAIN: Ways = { ...openHow(0, 'RESOLVE_BENEATH', 'RESOLVE_NO_SYMLINKS'), creating: null };
const FOLLOWING: Ways = openHow(0o644, 'RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS');

function openHow(permissions: number, ...resolve: (keyof typeof RESOLVE)[]): Ways & { creating: Words } {
  const walk = or(RESOLVE, ...resolve);
  const words = (made: number, ...flags: (keyof typeof O)[]) => {
    const open = or(O, ...flags);
    return new Words([open, made, walk], `{${open.text}, ${made === 0 ? 0 : mode(made).text}, ${walk.text}}`);
  };
  return {
    file: words(0, 'O_PATH', 'O_CLOEXEC'),
    directory: words(0, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'),
    creating: words(permissions, 'O_RDONLY', 'O_CREAT', 'O_NONBLOCK', 'O_NOCTTY', 'O_CLOEXEC'),
  };
}
