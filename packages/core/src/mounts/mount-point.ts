import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, RESOLVE, S } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { Words, type Result } from '../program/argument.ts';
import type { Label } from '../program/label.ts';
import type { Program } from '../program/program.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/**
 * Opens a mount's destination below the working directory, which is the rootfs, and makes what is missing of it.
 *
 * Where the kernel's own file systems go, a symbolic link on the way is refused, since an image could lay one to have /proc or
 * /dev somewhere else than everything after believes (CVE-2019-16884, CVE-2023-27561). A person's mounts follow an
 * image's links, /var/run to /run, as the container will: the rootfs is the root of that walk, and nothing leads out of it
 * (RESOLVE_IN_ROOT). They come before /proc and /sys are there, so no link leads to these either.
 *
 * `nowhere`: where such a link leads that has no target, as links-to-nowhere.ts found it. It is a hint: these steps resolve it again.
 */
export function openMountPoint(
  program: Program,
  { destination }: Pick<OciMount, 'destination'>,
  kind: 'file' | 'directory',
  nowhere: string | null = null,
): Result {
  const parts = destination.split('/').filter(Boolean);
  if (parts.length === 0) throw new RangeError('a mount over the root of the container is its rootfs');
  if (nowhere !== null) makeTarget(program, nowhere, kind);
  const how: Ways = isPersonal(destination) ? FOLLOWING : PLAIN;
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

/**
 * Makes the directories that a symbolic link on the way leads to and that are not there, since mkdir(2) follows no link. Each is opened in
 * the one before, and no link is followed: there is none where `target` is right. Whatever fails here, the opening of the destination reports.
 */
function makeTarget(program: Program, target: string, kind: 'file' | 'directory'): void {
  const parts = target.split('/').filter(Boolean);
  const made = kind === 'file' ? parts.slice(0, -1) : parts;
  let at: Result | typeof AT_FDCWD = AT_FDCWD;
  const purpose = `make ${target}, where a link leads`;
  for (const part of made) {
    program.call(purpose, 'mkdirat', [at, part, mode(0o755)], { tolerate: 'any' });
    const how = [at, part, PLAIN.directory, OPEN_HOW_BYTES] as const;
    at = program.call(purpose, 'openat2', how, { tolerate: 'any', as: JSON.stringify(part) });
  }
}

/** Opens a file of the rootfs by way of its image's links. The steps go on at `jump` where there is one. */
export function openFileAt(program: Program, purpose: string, path: string, jump?: Label): Result {
  const options = { tolerate: 'any', as: path, ...(jump !== undefined && { jump }) } as const;
  return program.call(purpose, 'openat2', [AT_FDCWD, path, FOLLOWING.file, OPEN_HOW_BYTES], options);
}

/** Makes an empty file in a directory of the rootfs's root, where that is possible. `nowhere`: as openMountPoint has it. */
export function makeFileAt(program: Program, purpose: string, path: string, nowhere: string | null): void {
  const [directory = ''] = path.split('/').filter(Boolean);
  if (nowhere !== null) makeTarget(program, nowhere, 'file');
  program.call(purpose, 'mkdirat', [AT_FDCWD, directory, mode(0o755)], { tolerate: 'any' });
  program.call(purpose, 'openat2', [AT_FDCWD, path, FOLLOWING.creating, OPEN_HOW_BYTES], { tolerate: 'any' });
}

/** Why a mount point cannot be made or opened, where the errno of that step tells less than the mounts do. */
export function whyMountPointRefused({ purpose, code }: SyscallError, mounts: readonly OciMount[]): string | null {
  const [, path] = /^(?:make|open) mount point (.+)$/s.exec(purpose) ?? [];
  if (path === undefined || !isPersonal(path)) return null;
  if (code === 'ELOOP') return 'the symbolic links on the way lead in a circle, or are more than 40';
  const outer = mounts
    .filter(({ type, destination }) => type === 'bind' && path.startsWith(`${destination}/`))
    .toSorted((a, b) => b.destination.length - a.destination.length)[0];
  if (outer === undefined) return code === 'ENOENT' ? 'a symbolic link on the way leads to what cannot be made' : null;
  if (!['EACCES', 'EPERM', 'ENOENT', 'EOVERFLOW'].includes(code)) return null;
  const place = `${outer.source}${path.slice(outer.destination.length)}`;
  const why = outer.options.includes('ro')
    ? 'is mounted read-only'
    : "does not allow the container's root to make it, whose ids are others there";
  return `it lies in ${outer.source}, which ${why}: make ${place} on the host first, or choose another destination`;
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
const FOLLOWING = openHow(0o644, 'RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS');

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
