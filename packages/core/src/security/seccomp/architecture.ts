import { AUDIT_ARCH } from '../../abi/seccomp.ts';
import { SYSCALL_TABLE_X64 } from '../../abi/syscall-table-x64.ts';

/** What a filter for one architecture is made with. */
export interface SeccompArchitecture {
  /** In `architectures` and `archMap`. */
  readonly scmp: string;
  /** In `includes` and `excludes`. */
  readonly name: string;
  readonly audit: number;
  readonly numbers: ReadonlyMap<string, number>;
}

/** Absent: this architecture's table is not written yet. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, SeccompArchitecture>> = {
  x64: { scmp: 'SCMP_ARCH_X86_64', name: 'amd64', audit: AUDIT_ARCH.x64, numbers: SYSCALL_TABLE_X64 },
};

export function seccompArchitecture(architecture: NodeJS.Architecture = process.arch): SeccompArchitecture {
  const found = ARCHITECTURES[architecture];
  if (found === undefined) throw new RangeError(`no table of syscall numbers is written for ${architecture}`);
  return found;
}
