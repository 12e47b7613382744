import { parseMountOptions } from '../mounts/options.ts';
import { InvalidConfig } from './check.ts';
import type { OciMount } from './config.ts';
import { CGROUP_DIRECTORY } from './defaults.ts';

/** How a mount of the container's own cgroup always is. */
const PRIVATE = new Set(['private', 'rprivate']);

/** Read-only: a write there can change the container's own limits, and on v1 have the kernel run a program as the host's root (CVE-2022-0492). */
export function checkCgroupMount({ destination, options }: OciMount, later: readonly OciMount[], path: string): void {
  if (destination !== CGROUP_DIRECTORY) throw new InvalidConfig(`${path}.destination`, `is not ${CGROUP_DIRECTORY}`);
  if (later.some((mount) => mount.destination === '/sys')) {
    throw new InvalidConfig(`${path}.destination`, 'comes before /sys, which would cover it');
  }
  const { attributes, parameters } = parseMountOptions(options);
  if (!attributes.includes('MOUNT_ATTR_RDONLY')) {
    throw new InvalidConfig(`${path}.options`, 'has no ro: a cgroup is mounted read-only');
  }
  const other = parameters.find(({ key, value }) => value !== null || !PRIVATE.has(key));
  if (other !== undefined) throw new InvalidConfig(`${path}.options`, `has ${other.key}, which is not for a cgroup`);
}
