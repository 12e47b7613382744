import type { Named } from '../abi/flags.ts';
import { RLIM_INFINITY, RLIMIT } from '../abi/rlimit.ts';
import type { OciRlimit } from '../oci/config.ts';
import { Words } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** prlimit(2) on itself. A hard limit is raised by CAP_SYS_RESOURCE of the host alone. */
export function setRlimits(program: Program, rlimits: readonly OciRlimit[]): void {
  for (const { type, soft, hard } of rlimits) {
    const resource = { value: RLIMIT[type as keyof typeof RLIMIT], text: type };
    const [first, second] = [limitOf(soft), limitOf(hard)];
    const limit = new Words([first, second], `{${first.text}, ${second.text}}`);
    program.call(`set ${type}`, 'prlimit64', [0, resource, limit, 0]);
  }
}

/** RLIM_INFINITY, 2^64 - 1, is in JSON the double above it. */
function limitOf(value: number): Named {
  return value >= RLIM_INFINITY ? { value: -1, text: 'RLIM_INFINITY' } : { value, text: String(value) };
}
