import { z } from 'zod';
import { Instant } from './container-state.ts';
import { GroupLimits, GroupLimitsChange, StoredLimits } from './limits.ts';
import { GroupPath } from './names.ts';

/** What a person calls a group; its path is its identity, since the kernel cannot rename a cgroup. */
export const DisplayName = z
  .string()
  .min(1, 'a display name has at least one character')
  .max(100, 'at most 100 characters')
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'contains a control character');

export const CreateGroup = z.strictObject({
  group: GroupPath,
  displayName: DisplayName.optional(),
  limits: GroupLimits.default({}),
});
export type CreateGroup = z.output<typeof CreateGroup>;

/** Absent: stays as it is. A null name takes it away. */
export const ChangeGroup = z.strictObject({
  group: GroupPath,
  displayName: DisplayName.nullable().optional(),
  limits: GroupLimitsChange.default({}),
});
export type ChangeGroup = z.output<typeof ChangeGroup>;

/** A group that holds containers and groups: one cgroup, whose limits and figures are the kernel's own for the whole of it. */
export const GroupView = z.object({
  path: GroupPath,
  /** Row number in sample frames; holds for the life of one agent. */
  handle: z.int(),
  /** Path of its cgroup below each hierarchy's mount point. */
  cgroup: z.string(),
  displayName: z.string().nullable(),
  limits: StoredLimits,
  /** Made, named or limited by somebody: it stays when its last container is removed. */
  kept: z.boolean(),
  createdAt: Instant,
  /** When it was frozen itself. Null: it is not. */
  frozenAt: Instant.nullable(),
  /** The outermost group above it that is frozen, and holds it frozen too. */
  frozenBy: GroupPath.nullable(),
});
export type GroupView = z.infer<typeof GroupView>;
