import { z } from 'zod';
import { HostNamespaces } from '../isolation.ts';
import { CgroupPath, ForeignTarget, HostCgroup, HostCgroupDetail } from '../kernel.ts';
import { Nothing, type Commands } from './command.ts';

export const KERNEL_COMMANDS = {
  /** The cgroups of the whole host, parents before children. */
  'kernel.cgroups': { args: Nothing, result: z.array(HostCgroup), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  'kernel.cgroup': {
    args: z.strictObject({ path: CgroupPath }),
    result: HostCgroupDetail,
    deadlineMs: 10_000,
    who: 'user',
    repeat: 'freely',
  },
  /** Of a cgroup that is not this Plimsoll's, and holds nothing that guards it. */
  'kernel.freeze': { args: ForeignTarget, result: HostCgroup, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  'kernel.thaw': { args: ForeignTarget, result: HostCgroup, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  'kernel.kill': { args: ForeignTarget, result: HostCgroup, deadlineMs: 20_000, who: 'user', repeat: 'once' },
  /** Every namespace that a process of the host is in, by type and inode. */
  'kernel.namespaces': { args: Nothing, result: HostNamespaces, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
} as const satisfies Commands;
