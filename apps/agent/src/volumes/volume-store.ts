import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import { writeDurably } from '../durable-file.ts';
import { notFound } from '../not-found.ts';
import { storedText } from '../stores/stored-json.ts';
import { createVolume } from './create-volume.ts';
import { imageDirectoryAt } from './image-directory.ts';
import { openVolumes, type KnownVolumes } from './open-volumes.ts';
import { removeVolume } from './remove-volume.ts';
import { seedVolume } from './seed-volume.ts';
import { dataDirectory, recordFile, type VolumeFile, type VolumeRecord } from './volume-record.ts';

const USERS_NAMED = 3;

/**
 * The host's volumes: <lib>/volumes/<name>/{data,volume.json}. A volume is whole on disk before it has its name, and loses
 * that before its files: a kill at any instant leaves at most what the next open removes. One process at a time has a
 * store open.
 */
export class VolumeStore extends EventEmitter<{ created: [VolumeRecord]; removed: [name: string] }> {
  readonly #directory: string;
  readonly #volumes: KnownVolumes;
  /** Changes run one after another, so that none is removed while it is being given to a container. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, volumes: KnownVolumes) {
    super();
    this.#directory = directory;
    this.#volumes = volumes;
  }

  static async open(lib: string): Promise<VolumeStore> {
    const directory = join(lib, 'volumes');
    return new VolumeStore(directory, await openVolumes(directory));
  }

  /** By name. One whose record is damaged is not among them; use says so. */
  list(): VolumeRecord[] {
    return [...this.#volumes]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, file]) => (file === null ? [] : [recordOf(name, file)]));
  }

  /** Its files, as a path on the host. */
  pathOf(name: string): string {
    return dataDirectory(this.#directory, name);
  }

  /** Throws `conflict` where the name is taken. */
  async create(name: string, labels: Record<string, string>): Promise<VolumeRecord> {
    return await this.#change(async () => {
      if (this.#volumes.has(name)) throw new PlimsollError('conflict', `there is a volume "${name}" already`);
      return recordOf(name, await this.#make(name, labels));
    });
  }

  /**
   * Makes what is not there, and lets the image fill it where no container has used it yet. Whoever asks has said before that
   * it is in use (Registry.reserve). Throws `internal` where its record is damaged.
   */
  async use(name: string, { layers, destination }: { layers: readonly string[]; destination: string }): Promise<void> {
    await this.#change(async () => {
      const known = this.#volumes.get(name);
      if (known === null) {
        const path = recordFile(this.#directory, name);
        throw new PlimsollError('internal', `volume "${name}" is damaged: ${path} is missing or unreadable`, {
          hint: 'Its files are beside it. Copy them elsewhere and remove the volume, or restore the record.',
        });
      }
      const file = known ?? (await this.#make(name, {}));
      if (!file.fresh) return;
      const covered = await imageDirectoryAt(layers, destination);
      if (covered !== null) await seedVolume(join(this.#directory, name), covered);
      const used: VolumeFile = { ...file, fresh: false };
      await writeDurably(recordFile(this.#directory, name), storedText(used));
      this.#volumes.set(name, used);
    });
  }

  /** `usersNow` tells who uses it at the moment of the removal; throws `conflict` where that is anybody, and `not-found`. */
  async remove(name: string, usersNow: () => readonly string[]): Promise<void> {
    const deleteFiles = await this.#change(async () => {
      if (!this.#volumes.has(name)) throw notFound('volume', name);
      const usedBy = usersNow();
      if (usedBy.length > 0) throw inUse(name, usedBy);
      const deletion = await removeVolume(this.#directory, name);
      this.#volumes.delete(name);
      this.emit('removed', name);
      return deletion;
    });
    await deleteFiles();
  }

  async #make(name: string, labels: Record<string, string>): Promise<VolumeFile> {
    const file = await createVolume(this.#directory, name, labels);
    this.#volumes.set(name, file);
    this.emit('created', recordOf(name, file));
    return file;
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const run = this.#lastChange.then(change);
    this.#lastChange = run.catch(() => {});
    return run;
  }
}

function recordOf(name: string, { createdAt, labels }: VolumeFile): VolumeRecord {
  return { name, createdAt, labels };
}

function inUse(name: string, usedBy: readonly string[]): PlimsollError {
  const more = usedBy.length > USERS_NAMED ? ` and ${usedBy.length - USERS_NAMED} more` : '';
  return new PlimsollError('conflict', `volume "${name}" is in use by ${usedBy.slice(0, USERS_NAMED).join(', ')}${more}`, {
    hint: 'Remove these containers first.',
  });
}
