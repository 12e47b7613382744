import { Instant, VolumeName, type VolumeView } from '@plimsoll/protocol';
import { join } from 'node:path';
import { z } from 'zod';

/** volumes/<name>/volume.json. */
export const VolumeFile = z.strictObject({
  version: z.literal(1),
  createdAt: Instant,
  labels: z.record(z.string(), z.string()),
  /** No container has used it yet: the first one's image may fill it. */
  fresh: z.boolean(),
});
export type VolumeFile = z.infer<typeof VolumeFile>;

/** A volume as the store tells of it. Who uses it, and how large it is, the store does not know. */
export type VolumeRecord = Omit<VolumeView, 'usedBy' | 'sizeBytes'>;

/** What a container sees of a volume. */
export function dataDirectory(volumes: string, name: string): string {
  return join(volumes, name, 'data');
}

export function recordFile(volumes: string, name: string): string {
  return join(volumes, name, 'volume.json');
}

/** Every other entry of the directory is something unfinished, and begins with a dot. */
export function isVolumeName(entry: string): boolean {
  return VolumeName.safeParse(entry).success;
}
