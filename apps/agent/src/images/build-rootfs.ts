import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import { z } from 'zod';
import { ImportSpace } from './import-space.ts';
import { IMPORT_LIMITS, RootfsWriter } from './rootfs-writer.ts';
import { describeTree } from './tree-digest.ts';

/** What is known of a rootfs that was built. */
export const BuiltRootfs = z.object({
  digest: z.string(),
  sizeBytes: z.int(),
  files: z.int(),
  /** What it lacks, or has otherwise than its source: a sentence each. */
  notes: z.array(z.string()),
});
export type BuiltRootfs = z.infer<typeof BuiltRootfs>;

/** Makes the directory `rootfs` and an image's root file system in it, which `fill` writes. */
export async function buildRootfs(rootfs: string, fill: (writer: RootfsWriter) => Promise<void>): Promise<BuiltRootfs> {
  await mkdir(rootfs);
  const writer = new RootfsWriter(rootfs, IMPORT_LIMITS, new ImportSpace(rootfs));
  await fill(writer);
  if (writer.isEmpty) {
    throw new PlimsollError('bad-request', 'the image would be empty', { hint: 'Give a directory or a tar with files in it.' });
  }
  if (isImageArchive(rootfs)) {
    throw new PlimsollError('bad-request', 'this is an archive of image layers, not a root file system', {
      hint: 'Make one of it with `docker export` or `podman export`.',
    });
  }
  writer.finish();
  return { ...(await describeTree(rootfs)), notes: writer.report.notes };
}

/** What `docker save` and OCI tools write: layers as files, which would run nothing. */
function isImageArchive(rootfs: string): boolean {
  const has = (name: string) => lstatSync(join(rootfs, name), { throwIfNoEntry: false }) !== undefined;
  return has('oci-layout') || (has('manifest.json') && !has('bin') && !has('usr'));
}
