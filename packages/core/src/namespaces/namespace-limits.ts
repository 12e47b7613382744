import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { NamespaceType } from '../oci/config.ts';
import { Memory } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { NAMESPACES } from './types.ts';

/**
 * How many namespaces of each type may be made in a container. Each takes kernel memory that no cgroup accounts for; the kernel
 * allows some 100,000 of them.
 */
const MOST_NAMESPACES = 1_024;

/** Lowers the limits of the user namespace that these steps run in (namespaces(7), /proc/sys/user). A limit that is absent, or that this host lets nobody write, is skipped. */
export function limitNamespaces(program: Program): void {
  const text = String(MOST_NAMESPACES);
  const bytes = new Memory(Buffer.from(text), JSON.stringify(text));
  for (const type of Object.keys(NAMESPACES) as NamespaceType[]) {
    const purpose = `limit the ${type} namespaces in it`;
    const path = `/proc/sys/user/max_${NAMESPACES[type].file}_namespaces`;
    const file = program.call(purpose, 'openat', [AT_FDCWD, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], {
      as: 'file',
      // Where /proc/sys is read-only, as in a container or under ProtectKernelTunables= (systemd.exec(5)), or is masked.
      tolerate: ['ENOENT', 'EROFS', 'EACCES', 'EPERM'],
    });
    program.call(purpose, 'write', [file, bytes, text.length], { tolerate: ['EBADF'] });
  }
}
