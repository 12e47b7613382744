import { AbsolutePath, CString, ImageName, type ImageView, Instant } from '@plimsoll/protocol';
import { z } from 'zod';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits');

/** What a container of this image runs where it names nothing itself. Terms of the OCI image-spec. */
export const ImageConfig = z.strictObject({
  command: z.array(CString),
  /** `NAME=value`. */
  env: z.array(CString),
  workdir: AbsolutePath,
});
export type ImageConfig = z.infer<typeof ImageConfig>;

/** images/<digest>/image.json: what is so for its content, whatever it is called. */
export const ImageFile = z.strictObject({
  version: z.literal(1),
  digest: Digest,
  sizeBytes: z.int(),
  files: z.int(),
  config: ImageConfig,
  /** What it lacks, or has otherwise than its source: a sentence each. */
  notes: z.array(z.string()),
});
export type ImageFile = z.infer<typeof ImageFile>;

/** images/names.json. */
export const NamesFile = z.strictObject({
  version: z.literal(1),
  names: z.record(ImageName, z.strictObject({ digest: Digest, source: z.string(), createdAt: Instant })),
});
export type NamesFile = z.infer<typeof NamesFile>;

/** An image as the store tells of it. Who uses it the store does not know. */
export type ImageRecord = Omit<ImageView, 'usedBy'>;

/** An image as a container needs it. */
export interface ResolvedImage {
  name: string;
  digest: string;
  /** Absolute root directories, topmost first. */
  layers: string[];
  config: ImageConfig;
}
