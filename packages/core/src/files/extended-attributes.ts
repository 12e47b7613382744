import { Memory } from '../program/argument.ts';
import { runOrThrow } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** XATTR_LIST_MAX (include/uapi/linux/limits.h). */
const MOST_BYTES = 65_536;

/** Names of a file's extended attributes, `security.capability` and so on; none where its file system has no such. Throws a SyscallError. */
export function listAttributes(fd: number): string[] {
  const names = new Memory(new Uint8Array(MOST_BYTES), '&names');
  const program = new Program();
  const listed = program.call('list the extended attributes', 'flistxattr', [fd, names, MOST_BYTES], { tolerate: ['ENOTSUP'] });
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  const length = loaded.result(listed.step);
  if (length <= 0) return [];
  const text = Buffer.from(loaded.read(names).subarray(0, length)).toString('latin1');
  return text.split('\0').filter(Boolean);
}
