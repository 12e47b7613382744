import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GuardedEmitter, logFault } from '@plimsoll/core/guarded';
import { ImageName, parse, PlimsollError } from '@plimsoll/protocol';
import { Deletions, REMOVED } from '../deletion/deletions.ts';
import { whereDiskTakesIt } from '../durable-file.ts';
import { notFound } from '../not-found.ts';
import { makePrivateDirectory } from '../stores/private-directory.ts';
import { assembleBase } from './base-image.ts';
import { buildRootfs, type BuiltRootfs } from './build-rootfs.ts';
import { hasCode } from '../has-code.ts';
import { imageDirectory, stageImage, UNFINISHED } from './image-builder.ts';
import { type NameEntry, type Names, openNames, writeNames, writeOwnNames } from './image-names.ts';
import type { ImageFile, ImageRecord, ResolvedImage } from './image-record.ts';
import { readImage } from './read-image.ts';
import { runImport } from './run-import.ts';

const BASE = 'base';
const IMAGE = /^sha256-[0-9a-f]{64}$/;
/** Of a write that was cut short (durable-file.ts). */
const NAMES_UNFINISHED = 'names.json.new';

/**
 * The host's images: <lib>/images/<digest>/{rootfs,image.json,names.json} and names.json, which says what exists. An image is
 * whole on disk before its name is written, and loses its name before its files: a kill at any instant leaves at most
 * files without a name, which the next open deletes, as removals do, in the background. A names.json that is damaged or missing is made again of the names that are with
 * each image, and then no image is removed. One process at a time has a store open.
 */
export class ImageStore extends GuardedEmitter<{ imported: [ImageRecord]; removed: [name: string] }> {
  readonly #directory: string;
  readonly #deletions: Deletions;
  #names: Names;
  /** How names.json was found, where it was made again. */
  readonly lost: 'damaged' | 'missing' | null;
  readonly #images: Map<string, ImageFile>;
  /** Changes of names.json run one after another. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(
    directory: string,
    deletions: Deletions,
    { names, lost }: { names: Names; lost: 'damaged' | 'missing' | null },
    images: Map<string, ImageFile>,
  ) {
    super();
    this.#directory = directory;
    this.#deletions = deletions;
    this.#names = names;
    this.lost = lost;
    this.#images = images;
  }

  /** Opens or begins the store below `lib`. */
  static async open(lib: string, deletions = new Deletions()): Promise<ImageStore> {
    const directory = join(lib, 'images');
    // An image may hold setuid programs with known holes; no user of the host may reach them (CVE-2021-41091).
    makePrivateDirectory(directory);
    const { names, lost } = await openNames(directory);
    const images = new Map<string, ImageFile>();
    const named = new Set<string>();
    for (const { digest } of names.values()) {
      if (named.has(digest)) continue;
      named.add(digest);
      try {
        const image = await readImage(directory, digest);
        if (image === undefined) continue;
        images.set(digest, image);
        await writeOwnNames(directory, digest, names);
      } catch (error) {
        logFault(`image ${digest} cannot be read, or its names not be written`, error);
      }
    }
    for (const entry of await readdir(directory)) {
      const isNameless = IMAGE.test(entry) && !named.has(entry.replace('-', ':'));
      // Under its own name it would be in the way of the next import of the same.
      if (isNameless || entry === NAMES_UNFINISHED) await removeDirectory(deletions, directory, entry);
      else if (entry.startsWith(UNFINISHED) || entry.startsWith(REMOVED)) void deletions.delete(join(directory, entry));
    }
    return new ImageStore(directory, deletions, { names, lost }, images);
  }

  /** By name. An image whose files are damaged is not among them; resolve says so. */
  list(): ImageRecord[] {
    return [...this.#names]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, entry]) => {
        const image = this.#images.get(entry.digest);
        return image ? [recordOf(name, entry, image)] : [];
      });
  }

  /** Throws `not-found`, or `internal` where its files are damaged. */
  resolve(name: string): ResolvedImage {
    const digest = this.#names.get(name)?.digest;
    if (digest === undefined) throw notFound('image', name);
    const image = this.#images.get(digest);
    if (!image) {
      throw new PlimsollError('internal', `image "${name}" is damaged on disk`, { hint: 'Remove it and import it again.' });
    }
    return { name, digest, layers: [join(imageDirectory(this.#directory, digest), 'rootfs')], config: image.config };
  }

  /**
   * Imports a rootfs tar or a directory, by absolute path. Throws `conflict` where the name is taken, `not-found` where
   * there is no such source, `bad-request` and `too-large` for what the source holds, `disk-full`, and the reason of `signal` when that is aborted.
   */
  async importFrom(name: string, source: string, signal = new AbortController().signal): Promise<ImageRecord> {
    this.#requireFree(parse(ImageName, name, 'name'));
    const stats = await stat(source).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
        throw new PlimsollError('not-found', `there is no ${source}`, { hint: 'Give the path of a rootfs tar or directory.' });
      }
      throw error;
    });
    const build = (kind: 'tar' | 'directory') => async (rootfs: string) => await runImport({ kind, source, rootfs }, signal);
    if (stats.isFile()) return await this.#add(name, source, build('tar'));
    if (!stats.isDirectory()) throw new PlimsollError('bad-request', `${source} is neither a file nor a directory`);
    if (isInside(this.#directory, await realpath(source))) {
      throw new PlimsollError('bad-request', `${source} holds the image store itself`, {
        hint: 'Give a directory that does not.',
      });
    }
    return await this.#add(name, source, build('directory'));
  }

  /**
   * Makes the built-in image where it is not there, and the disk has room for it. Once made it stays as it is, whatever the host
   * installs later.
   */
  async ensureBase(): Promise<void> {
    if (this.#names.has(BASE)) return;
    await whereDiskTakesIt(
      'the built-in image',
      this.#directory,
      this.#add(BASE, 'built-in', async (rootfs) => await buildRootfs(rootfs, assembleBase)),
    );
  }

  /** Resolves when it has lost its name. Throws `conflict` where `usedBy` names any container: overlayfs would lose a layer under them. */
  async remove(name: string, usedBy: readonly string[]): Promise<void> {
    if (!this.#names.has(name)) throw notFound('image', name);
    if (usedBy.length > 0) {
      const more = usedBy.length > 3 ? ` and ${usedBy.length - 3} more` : '';
      throw new PlimsollError('conflict', `image "${name}" is in use by ${usedBy.slice(0, 3).join(', ')}${more}`, {
        hint: 'Remove these containers first.',
      });
    }
    await this.#change(async () => {
      const digest = this.#names.get(name)?.digest;
      if (digest === undefined) throw notFound('image', name);
      await this.#writeNames((names) => names.delete(name));
      this.emit('removed', name);
      if ([...this.#names.values()].some((other) => other.digest === digest)) {
        return await writeOwnNames(this.#directory, digest, this.#names);
      }
      this.#images.delete(digest);
      // Without a name it is gone; files that stay are deleted by the next open.
      const entry = basename(imageDirectory(this.#directory, digest));
      await removeDirectory(this.#deletions, this.#directory, entry);
    });
  }

  async #add(name: string, source: string, build: (rootfs: string) => Promise<BuiltRootfs>): Promise<ImageRecord> {
    await using staged = await stageImage({ images: this.#directory, deletions: this.#deletions }, build);
    const { image } = staged;
    return this.#change(async () => {
      this.#requireFree(name);
      const entry = { digest: image.digest, source, createdAt: new Date().toISOString() };
      if (!this.#images.has(image.digest)) await staged.publish();
      await this.#writeNames((names) => names.set(name, entry));
      await writeOwnNames(this.#directory, image.digest, this.#names);
      const stored = this.#images.get(image.digest) ?? image;
      this.#images.set(image.digest, stored);
      // The same tree may have come from an archive that had more.
      const record = recordOf(name, entry, { ...stored, notes: image.notes });
      this.emit('imported', record);
      return record;
    });
  }

  #requireFree(name: string): void {
    if (this.#names.has(name)) throw new PlimsollError('conflict', `there is an image "${name}" already`);
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const run = this.#lastChange.then(change);
    this.#lastChange = run.catch(() => {});
    return run;
  }

  /** Memory follows the disk: a write that fails changes neither. */
  async #writeNames(edit: (names: Map<string, NameEntry>) => void): Promise<void> {
    const names = new Map(this.#names);
    edit(names);
    await writeNames(this.#directory, names);
    this.#names = names;
  }
}

/** No image has it any more: what cannot be removed now is removed at the next start. */
async function removeDirectory(deletions: Deletions, directory: string, entry: string): Promise<void> {
  await deletions.moveAside(directory, entry).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return;
    logFault(`${join(directory, entry)} cannot be renamed before it is deleted`, error);
  });
}

function recordOf(name: string, { digest, source, createdAt }: NameEntry, { sizeBytes, files, notes }: ImageFile): ImageRecord {
  return { name, digest, sizeBytes, files, createdAt, source, notes };
}

function isInside(path: string, directory: string): boolean {
  return `${path}/`.startsWith(directory === '/' ? '/' : `${directory}/`);
}
