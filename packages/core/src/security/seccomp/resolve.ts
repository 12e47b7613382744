import { hostKernel, isAtLeast, kernelVersion, type KernelVersion } from '../../syscalls/kernel-version.ts';
import { seccompArchitecture } from './architecture.ts';
import type { LinuxSeccomp, ProfileRule, RuleFilter, SeccompProfile } from './profile.ts';

/** What a profile's conditions ask about. */
export interface SeccompHost {
  readonly architecture: NodeJS.Architecture;
  /** The container's bounding set. */
  readonly capabilities: readonly string[];
  readonly kernel: KernelVersion;
}

/** This machine, for a container with these capabilities in its bounding set. */
export function seccompHost(capabilities: readonly string[]): SeccompHost {
  return { architecture: process.arch, capabilities, kernel: hostKernel() };
}

/** The runtime-spec's form of a profile: the rules that hold on this host for these capabilities, without their conditions. */
export function resolveProfile(profile: SeccompProfile, host: SeccompHost): LinuxSeccomp {
  const { archMap, syscalls, ...head } = profile;
  const { scmp } = seccompArchitecture(host.architecture);
  const mapped = archMap?.find(({ architecture }) => architecture === scmp);
  return {
    ...head,
    ...(mapped && { architectures: [scmp, ...(mapped.subArchitectures ?? [])] }),
    syscalls: syscalls
      .filter((rule) => applies(rule, host))
      .map(({ names, action, errnoRet, args }) => ({
        names,
        action,
        ...(errnoRet !== undefined && { errnoRet }),
        ...(args && { args }),
      })),
  };
}

function applies({ includes, excludes }: ProfileRule, host: SeccompHost): boolean {
  if (excludes !== undefined && answers(excludes, host).some(Boolean)) return false;
  // Of the capabilities that a rule is for, all are needed; of architectures, one can be.
  return includes === undefined || answers(includes, host).every(Boolean);
}

/** Each capability, the architecture and the kernel, one by one, whether this host has it. */
function answers({ caps = [], arches, minKernel }: RuleFilter, host: SeccompHost): boolean[] {
  const { name } = seccompArchitecture(host.architecture);
  return [
    ...caps.map((capability) => host.capabilities.includes(capability)),
    ...(arches === undefined ? [] : [arches.includes(name)]),
    ...(minKernel === undefined ? [] : [isAtLeast(host.kernel, kernelVersion(minKernel))]),
  ];
}
