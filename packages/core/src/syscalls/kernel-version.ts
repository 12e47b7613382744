import { release } from 'node:os';

/** The 6 and 18 of `6.18.44-debian`. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** Of the kernel that runs. Where something can be tried, its answer tells more than its version does. */
export function hostKernel(): KernelVersion {
  return kernelVersion(release());
}

export function kernelVersion(text: string): KernelVersion {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw new RangeError(`${JSON.stringify(text)} is not a kernel's version`);
  return { major: Number(major), minor: Number(minor) };
}

export function isAtLeast(kernel: KernelVersion, least: KernelVersion): boolean {
  return kernel.major > least.major || (kernel.major === least.major && kernel.minor >= least.minor);
}
