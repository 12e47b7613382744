import { z } from 'zod';
import { ChangeGroup, CreateGroup, GroupView } from '../group.ts';
import { KernelAnswer } from '../limits.ts';
import { GroupPath } from '../names.ts';
import { Done, Nothing, type Commands } from './command.ts';

const GroupTarget = z.strictObject({ group: GroupPath });

export const GROUP_COMMANDS = {
  'group.list': { args: Nothing, result: z.array(GroupView), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  'group.create': { args: CreateGroup, result: GroupView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  /** As container.update; a group that was made by use alone is kept from then on. */
  'group.set': {
    args: ChangeGroup,
    result: z.object({ group: GroupView, kernel: z.array(KernelAnswer) }),
    deadlineMs: 10_000,
    who: 'user',
    repeat: 'once',
  },
  /** One write to the group's own cgroup: what is in it, below it, or joins it meanwhile. Acknowledged when the kernel says so. */
  'group.freeze': { args: GroupTarget, result: GroupView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  'group.thaw': { args: GroupTarget, result: GroupView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  /** Acknowledged when no process is left in it; `killed` containers ended by it. */
  'group.kill': {
    args: GroupTarget,
    result: z.object({ group: GroupView, killed: z.int() }),
    deadlineMs: 20_000,
    who: 'user',
    repeat: 'once',
  },
  /** Refused while it has containers or groups, unless `force`, which kills and removes them all. */
  'group.remove': {
    args: GroupTarget.extend({ force: z.boolean().default(false) }),
    result: Done,
    deadlineMs: 60_000,
    who: 'user',
    repeat: 'once',
  },
} as const satisfies Commands;
