/** Actions and operators as the runtime-spec writes them (v1.2, config-linux.md, "Seccomp"). SCMP_ACT_NOTIFY is not carried out. */
export const SECCOMP_ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_LOG',
  'SCMP_ACT_ALLOW',
] as const;
export type SeccompAction = (typeof SECCOMP_ACTIONS)[number];

export const SECCOMP_OPERATORS = [
  'SCMP_CMP_EQ',
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_GT',
  'SCMP_CMP_GE',
  'SCMP_CMP_MASKED_EQ',
] as const;
export type SeccompOperator = (typeof SECCOMP_OPERATORS)[number];

/** A u64. JSON's numbers are exact up to 2^53 - 1; what lies above is a bigint (read-profile.ts). */
export type SeccompValue = number | bigint;

/** MASKED_EQ: `value` is the mask, and `valueTwo` what must remain. The other operators compare with `value`, unsigned. */
export interface SeccompArgument {
  readonly index: number;
  readonly value: SeccompValue;
  readonly valueTwo?: SeccompValue;
  readonly op: SeccompOperator;
}

/** For ERRNO and TRACE: what the call returns, or a tracer is told; EPERM where it is not said. */
export interface LinuxSyscall {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  /** All must hold. An index that comes twice makes each a rule of its own, as runc and crun have it. */
  readonly args?: readonly SeccompArgument[];
}

interface ProfileHead {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** What the profile was written for. The machine's own is always meant, and no other ever carried out. */
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
}

/** The runtime-spec's `linux.seccomp`. */
export interface LinuxSeccomp extends ProfileHead {
  readonly syscalls: readonly LinuxSyscall[];
}

/** In `includes` all of it must be so, in `excludes` none. Capabilities: those of the bounding set. */
export interface RuleFilter {
  readonly caps?: readonly string[];
  /** `amd64`, `arm64`, … */
  readonly arches?: readonly string[];
  /** `4.8` */
  readonly minKernel?: string;
}

export interface ProfileRule extends LinuxSyscall {
  readonly includes?: RuleFilter;
  readonly excludes?: RuleFilter;
}

/**
 * A profile in the form of Docker's files, of which `LinuxSeccomp` is the part without conditions on the host. Nobody
 * changes one: digests and filters are kept by it.
 */
export interface SeccompProfile extends ProfileHead {
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] }[];
  readonly syscalls: readonly ProfileRule[];
}
