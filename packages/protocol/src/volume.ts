import { z } from 'zod';
import { Label } from './container.ts';
import { Instant } from './container-state.ts';
import { VolumeName } from './names.ts';

const Labels = z.record(z.string().min(1).max(128), Label);

export const CreateVolume = z.strictObject({ name: VolumeName, labels: Labels.default({}) });
export type CreateVolume = z.output<typeof CreateVolume>;

/** Files that outlive the containers that use them. */
export const VolumeView = z.object({
  name: VolumeName,
  /** On disk, as of the last walk through it. Null: not measured yet. */
  sizeBytes: z.int().nullable(),
  createdAt: Instant,
  labels: z.record(z.string(), z.string()),
  /** Names of the containers that have it among their mounts, running or not. */
  usedBy: z.array(z.string()),
});
export type VolumeView = z.infer<typeof VolumeView>;
