import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whyNoPressureTriggers, type CgroupLayout } from '@plimsoll/core';
import type { HostFeature } from '@plimsoll/protocol';
import { exists, feature, kernelIsAtLeast, readText } from './feature.ts';

export function reportKernelFeatures({ unified }: CgroupLayout, noIdMaps: string | null): HostFeature[] {
  const onlyV2 =
    'there is no cgroup v2 tree on this host; mount one (type cgroup2), or boot with systemd.unified_cgroup_hierarchy=1';
  const inUnified = (since: string, isThere: boolean): string | null =>
    unified === null ? onlyV2 : isThere ? null : `needs Linux ${since}`;
  const filesystems = readText('/proc/filesystems') ?? '';
  return [
    feature(
      'overlayfs',
      'a writable layer over a shared image, so that a start copies nothing',
      /\boverlay$/m.test(filesystems) ? null : 'not in /proc/filesystems; `modprobe overlay` loads it where it is a module',
    ),
    feature('pidfd', 'signals and exits that can never hit a recycled pid', kernelIsAtLeast(5, 3) ? null : 'needs Linux 5.3'),
    feature(
      'clone into cgroup',
      'a container that is in its cgroup from its first instruction',
      kernelIsAtLeast(5, 7) ? null : 'needs Linux 5.7',
    ),
    feature('cgroup.freeze', 'a freeze that the kernel itself confirms', inUnified('5.2', kernelIsAtLeast(5, 2))),
    feature('cgroup.kill', 'a kill that no fork can outrun', inUnified('5.14', kernelIsAtLeast(5, 14))),
    feature(
      'pressure stall information',
      'how much time is lost waiting for cpu, memory and disk',
      exists('/proc/pressure/cpu') ? null : 'this kernel was built without CONFIG_PSI, or booted without psi=1',
    ),
    feature('pressure triggers', 'word of a container that starves, without asking for it', whyNoPressureTriggers(unified)),
    feature('user namespaces', 'a root inside that is nobody outside', whyNoUserNamespaces()),
    feature(
      'idmapped mounts',
      "image files that show as root's own inside a user namespace, without copying them",
      whyNoIdMappedLayers(noIdMaps),
    ),
    feature(
      'nftables',
      'published ports and address translation',
      findProgram('nft') === null ? 'the program nft is not installed (Debian: apt install nftables)' : null,
      findProgram('nft') ?? '',
    ),
  ];
}

/** What a start does without them. */
const FALLBACK = "containers run in the host's user namespace, as it says at each";

function whyNoIdMappedLayers(noIdMaps: string | null): string | null {
  if (!kernelIsAtLeast(5, 19)) return `over overlayfs they need Linux 5.19; ${FALLBACK}`;
  return noIdMaps === null ? null : `${noIdMaps}; ${FALLBACK}`;
}

function whyNoUserNamespaces(): string | null {
  if (!exists('/proc/self/ns/user')) return 'this kernel was built without CONFIG_USER_NS';
  return readText('/proc/sys/user/max_user_namespaces') === '0' ? 'switched off: the sysctl user.max_user_namespaces is 0' : null;
}

/** Where a program is on this process's PATH, and in the places for root's programs, which PATH may lack. */
function findProgram(name: string): string | null {
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory.startsWith('/')),
    '/usr/sbin',
    '/sbin',
  ];
  for (const directory of directories) {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return join(directory, name);
    } catch {
      continue;
    }
  }
  return null;
}
