import type { Named } from '../abi/flags.ts';
import { RLIM_INFINITY, RLIMIT } from '../abi/rlimit.ts';
import type { OciRlimit } from '../oci/config.ts';
import { Words } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/** prlimit(2) on itself. A hard limit is raised by CAP_SYS_RESOURCE of the host alone. */
export function setRlimits(program: Program, rlimits: readonly OciRlimit[]): void {
  for (const { type, soft, hard } of rlimits) {
    const resource = { value: RLIMIT[type as keyof typeof RLIMIT], text: type };
    const [first, second] = [limitOf(soft), limitOf(hard)];
    const limit = new Words([first, second], `{${first.text}, ${second.text}}`);
    program.call(purposeOf(type), 'prlimit64', [0, resource, limit, 0]);
  }
}

function purposeOf(type: string): string {
  return `set ${type}`;
}

/** What the errno alone does not say; null where there is nothing to add. */
export function whyRlimitRefused({ purpose, code }: SyscallError, rlimits: readonly OciRlimit[] = []): string | null {
  const type = rlimits.find((rlimit) => purpose === purposeOf(rlimit.type))?.type;
  if (type === undefined || code !== 'EPERM') return null;
  const most = type === 'RLIMIT_NOFILE' ? ', and nobody above fs.nr_open' : '';
  return `the hard limit is above that of Plimsoll itself, which nobody raises without CAP_SYS_RESOURCE${most}`;
}

/** RLIM_INFINITY, 2^64 - 1, is in JSON the double above it. */
function limitOf(value: number): Named {
  return value >= RLIM_INFINITY ? { value: -1, text: 'RLIM_INFINITY' } : { value, text: String(value) };
}
