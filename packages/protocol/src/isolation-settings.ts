import { z } from 'zod';
import { NamespaceType } from './isolation.ts';
import { ContainerId } from './names.ts';

/** Whose a namespace is: made for it alone, the host's, or that of the container it joins. */
export const NamespaceMode = z.union([z.literal('private'), z.literal('host'), z.object({ container: ContainerId })]);
export type NamespaceMode = z.infer<typeof NamespaceMode>;

/** `default`: Plimsoll's own profile; `custom`: one that came with the request. */
export const SeccompMode = z.enum(['default', 'unconfined', 'custom']);
export type SeccompMode = z.infer<typeof SeccompMode>;

/** What is to divide a container from the host, as it was asked for; what does is told by `container.isolation`. */
export const IsolationSettings = z.object({
  user: z.object({ uid: z.int(), gid: z.int(), groups: z.array(z.int()) }),
  namespaces: z.record(NamespaceType, NamespaceMode),
  /** Seconds that its clocks are ahead of the host's. */
  timeOffsets: z.object({ monotonicS: z.int(), boottimeS: z.int() }),
  /** The bounding set: what root in it has, and nobody in it can have more. */
  capabilities: z.array(z.string()),
  /** What a user other than root has of it: what was added by name. Root has all of it, and none as ambient. */
  ambient: z.array(z.string()).default([]),
  noNewPrivileges: z.boolean(),
  seccomp: SeccompMode,
  appArmor: z.string().nullable(),
  seLinux: z.string().nullable(),
  readOnly: z.boolean(),
  /** Size of /dev/shm; null: it has none of its own, or one of no size of its own. */
  shmBytes: z.int().nullable().default(null),
  /** Device nodes beside the standard ones, by their paths inside. */
  devices: z.array(z.string()),
});
export type IsolationSettings = z.infer<typeof IsolationSettings>;
