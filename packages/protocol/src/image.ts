import { z } from 'zod';
import { Instant } from './container-state.ts';
import { CString, ImageName } from './names.ts';

/** Absolute path of a rootfs tar or directory on the agent's host. Taken from the host's root only. */
export const ImportSource = CString.refine((path) => path.startsWith('/'), 'expected an absolute path');

export const ImageView = z.object({
  name: ImageName,
  /** sha256 of the layer's content description; two imports of the same tree agree. */
  digest: z.string(),
  sizeBytes: z.int(),
  files: z.int(),
  createdAt: Instant,
  /** `built-in`, or where it was imported from. */
  source: z.string(),
  /** What it lacks, or has otherwise than its source: a sentence each. */
  notes: z.array(z.string()).default([]),
  /** Names of containers made from it. */
  usedBy: z.array(z.string()),
});
export type ImageView = z.infer<typeof ImageView>;
