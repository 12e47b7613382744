import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { OciConfig } from '../oci/config.ts';
import { Label } from '../program/label.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/** Directories that are made; a deeper one is to be there already. */
const MOST_MADE = 256;
/** Of a path in the purpose of a step, which each step has. */
const MOST_SHOWN = 128;

/**
 * Makes the working directory where there is none, as docker does: by the container's root and its own. Played in the container's own root,
 * when every descriptor of the host is closed: no link leads out. One syscall where it is there, none for "/".
 */
export function makeWorkingDirectory(program: Program, cwd: string): void {
  const parts = cwd.split('/').filter(Boolean);
  if (parts.length === 0) return;
  const isThere = new Label();
  const making = `make the working directory ${shortened(cwd)}`;
  const purpose = `look for the working directory ${shortened(cwd)}`;
  // A descriptor is more than 0, by which a program jumps; chdir(2) would return 0.
  program.call(purpose, 'openat', [AT_FDCWD, cwd, or(O, 'O_PATH', 'O_CLOEXEC')], { tolerate: 'any', jump: isThere });
  const opened: Result[] = [];
  for (const [i, part] of parts.slice(0, MOST_MADE).entries()) {
    // Each in the one before. What hinders it, entering reports.
    const name = i === 0 ? `/${part}` : part;
    const at = opened.at(-1) ?? AT_FDCWD;
    program.call(making, 'mkdirat', [at, name, mode(0o755)], { tolerate: 'any' });
    const flags = or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC');
    opened.push(program.call(making, 'openat', [at, name, flags], { tolerate: 'any', as: JSON.stringify(part) }));
  }
  // Otherwise /proc/self/fd/3 would be a working directory.
  for (const directory of opened) program.call(making, 'close', [directory], { tolerate: 'any' });
  program.place(isThere);
}

/** As the container's user. */
export function enterWorkingDirectory(program: Program, cwd: string): void {
  program.call(enteringOf(cwd), 'chdir', [cwd]);
}

/** What the errno of one of these steps means for a person who has typed the path. */
export function whyWorkingDirectoryRefused({ purpose, code }: SyscallError, { process, root, linux }: OciConfig): string | null {
  const { cwd, user } = process;
  if (purpose !== enteringOf(cwd)) return null;
  if (code === 'EACCES') return `user ${user.uid} may not enter it`;
  if (code === 'ENOTDIR') return 'it is a file, or lies below one';
  if (code !== 'ENOENT') return null;
  const isOwn = linux.namespaces.some(({ type, path }) => type === 'mount' && path === undefined);
  if (!isOwn) return 'it is not there, and nothing is made in the files of others';
  return root.readonly === true ? 'it is not there, and the rootfs is read-only' : 'it is not there, and cannot be made';
}

function enteringOf(cwd: string): string {
  return `enter the working directory ${cwd}`;
}

function shortened(path: string): string {
  return path.length > MOST_SHOWN ? `${path.slice(0, MOST_SHOWN)}…` : path;
}
