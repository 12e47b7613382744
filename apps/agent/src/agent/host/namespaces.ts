import { readlinkSync } from 'node:fs';
import type { HostFeature } from '@plimsoll/protocol';
import { feature } from './feature.ts';

/** File in /proc/self/ns, its name in words, the kernel's option, what it gives (namespaces(7)). */
const NAMESPACES = [
  ['mnt', 'mount', 'CONFIG_NAMESPACES', 'a file tree of its own'],
  ['pid', 'pid', 'CONFIG_PID_NS', 'processes of its own, from process 1'],
  ['net', 'network', 'CONFIG_NET_NS', 'network devices, addresses and ports of its own'],
  ['uts', 'uts', 'CONFIG_UTS_NS', 'a host name of its own'],
  ['ipc', 'ipc', 'CONFIG_IPC_NS', 'shared memory and message queues of its own'],
  ['cgroup', 'cgroup', 'CONFIG_CGROUPS', 'its cgroup seen as the root'],
  ['user', 'user', 'CONFIG_USER_NS', 'a root inside that is nobody outside'],
  ['time', 'time', 'CONFIG_TIME_NS', 'monotonic and boot clocks of its own'],
] as const;

export function reportNamespaces(): HostFeature[] {
  return NAMESPACES.map(([file, name, option, gives]) => {
    const own = ownNamespace(file);
    return feature(name, gives, own === null ? `this kernel was built without ${option}` : null, own ?? '');
  });
}

/** `pid:[4026531836]`: the type, and the inode that identifies it. */
function ownNamespace(file: string): string | null {
  try {
    return readlinkSync(`/proc/self/ns/${file}`);
  } catch {
    return null;
  }
}
