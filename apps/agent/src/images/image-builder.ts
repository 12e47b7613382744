import { mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deletions } from '../deletion/deletions.ts';
import { syncDirectory, syncFileSystem, writeDurably } from '../durable-file.ts';
import { diskError } from '../disk-failure.ts';
import { storedText } from '../stores/stored-json.ts';
import type { BuiltRootfs } from './build-rootfs.ts';
import type { ImageConfig, ImageFile } from './image-record.ts';

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

/** Builds an image in a directory of its own, whose rootfs `build` makes at the path that it is called with. Where that fails, nothing of it stays. */
export async function stageImage(
  { images, deletions }: { images: string; deletions: Deletions },
  build: (rootfs: string) => Promise<BuiltRootfs>,
): Promise<StagedImage> {
  const staging = await mkdtemp(join(images, UNFINISHED));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => void deletions.delete(staging));
  const image = await describe(staging, build).catch((error: unknown) => {
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

async function describe(staging: string, build: (rootfs: string) => Promise<BuiltRootfs>): Promise<ImageFile> {
  const { digest, sizeBytes, files, notes } = await build(join(staging, 'rootfs'));
  const image: ImageFile = { version: 1, digest, sizeBytes, files, config: DEFAULT_CONFIG, notes };
  await writeDurably(join(staging, 'image.json'), storedText(image));
  await syncFileSystem(staging);
  return image;
}
