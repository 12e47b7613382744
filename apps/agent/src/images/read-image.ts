import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../durable-file.ts';
import { readStored, storedText } from '../stores/stored-json.ts';
import { DEFAULT_CONFIG, imageDirectory } from './image-builder.ts';
import { ImageFile } from './image-record.ts';
import { describeTree } from './tree-digest.ts';

/**
 * An image's record. One that is damaged or missing is made again of the image's files, where these still have its digest; undefined: they
 * have not, and nobody can use the image.
 */
export async function readImage(images: string, digest: string): Promise<ImageFile | undefined> {
  const directory = imageDirectory(images, digest);
  if (!existsSync(directory)) return undefined;
  const path = join(directory, 'image.json');
  const stored = readStored(path, ImageFile);
  if (stored.found === 'whole' && stored.value.digest === digest) return stored.value;
  const tree = await describeTree(join(directory, 'rootfs')).catch(() => null);
  if (tree?.digest !== digest) return undefined;
  const image: ImageFile = { version: 1, ...tree, config: DEFAULT_CONFIG, notes: [] };
  await writeDurably(path, storedText(image));
  return image;
}
