import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { OciConfig } from '../oci/config.ts';
import { Label } from '../program/label.ts';
import type { Program } from '../program/program.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/**
 * Makes the working directory where there is none, as docker does: by the container's root and its own. Played in the container's own root,
 * when every descriptor of the host is closed: no link leads out. One syscall where it is there, none for "/".
 */
export function makeWorkingDirectory(program: Program, cwd: string): void {
  const parts = cwd.split('/').filter(Boolean);
  if (parts.length === 0) return;
  const isThere = new Label();
  const purpose = `look for the working directory ${cwd}`;
  // A descriptor is more than 0, by which a program jumps; chdir(2) would return 0.
  program.call(purpose, 'openat', [AT_FDCWD, cwd, or(O, 'O_PATH', 'O_CLOEXEC')], { tolerate: 'any', jump: isThere });
  for (const i of parts.keys()) {
    const path = `/${parts.slice(0, i + 1).join('/')}`;
    // What hinders it, entering reports.
    program.call(`make the working directory ${cwd}`, 'mkdirat', [AT_FDCWD, path, mode(0o755)], { tolerate: 'any' });
  }
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
