import { lstatSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import type { Deletions } from '../deletion/deletions.ts';
import { syncDirectory, syncFileSystem, writeDurably } from '../durable-file.ts';
import { diskError } from '../disk-failure.ts';
import { storedText } from '../stores/stored-json.ts';
import type { ImageConfig, ImageFile } from './image-record.ts';
import { RootfsWriter } from './rootfs-writer.ts';
import { describeTree } from './tree-digest.ts';

/** What the directory of an image that is not whole yet begins with. */
export const UNFINISHED = '.unfinished-';
/** As a login on Debian has it. */
export const DEFAULT_CONFIG: ImageConfig = {
  command: ['/bin/sh'],
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  workdir: '/',
};

/** `:` divides overlayfs's lowerdirs: the directory's name has none. */
export function imageDirectory(images: string, digest: string): string {
  return join(images, digest.replace(':', '-'));
}

/** An image that is whole and on disk, and not yet where images are. Disposing deletes what was not published, in the background. */
export interface StagedImage extends AsyncDisposable {
  image: ImageFile;
  publish(): Promise<void>;
}

/** Builds an image in a directory of its own, whose rootfs `fill` writes. Where that fails, nothing of it stays. */
export async function stageImage(
  { images, deletions }: { images: string; deletions: Deletions },
  fill: (writer: RootfsWriter) => Promise<void>,
): Promise<StagedImage> {
  const staging = await mkdtemp(join(images, UNFINISHED));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => void deletions.delete(staging));
  const image = await build(staging, fill).catch((error: unknown) => {
    throw diskError(error, images) ?? error;
  });
  const owned = cleanUp.move();
  return {
    image,
    publish: async () => {
      await rename(staging, imageDirectory(images, image.digest));
      await syncDirectory(images);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function build(staging: string, fill: (writer: RootfsWriter) => Promise<void>): Promise<ImageFile> {
  const rootfs = join(staging, 'rootfs');
  await mkdir(rootfs);
  const writer = new RootfsWriter(rootfs);
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
  const notes = [...writer.skipped].map(([kind, count]) => `left out: ${count} ${kind}${count === 1 ? '' : 's'}`);
  const image: ImageFile = { version: 1, ...(await describeTree(rootfs)), config: DEFAULT_CONFIG, notes };
  await writeDurably(join(staging, 'image.json'), storedText(image));
  await syncFileSystem(staging);
  return image;
}

/** What `docker save` and OCI tools write: layers as files, which would run nothing. */
function isImageArchive(rootfs: string): boolean {
  const has = (name: string) => lstatSync(join(rootfs, name), { throwIfNoEntry: false }) !== undefined;
  return has('oci-layout') || (has('manifest.json') && !has('bin') && !has('usr'));
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
