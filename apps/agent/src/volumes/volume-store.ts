import { join } from 'node:path';
import { GuardedEmitter } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import { Deletions } from '../deletion/deletions.ts';
import { syncDirectory, writeDurably } from '../durable-file.ts';
import { notFound } from '../not-found.ts';
import { storedText } from '../stores/stored-json.ts';
import { createVolume } from './create-volume.ts';
import { imageDirectoryAt } from './image-directory.ts';
import { openVolumes, type KnownVolumes } from './open-volumes.ts';
import { seedVolume } from './seed-volume.ts';
import { dataDirectory, recordFile, type VolumeFile, type VolumeRecord } from './volume-record.ts';

const USERS_NAMED = 3;

/**
 * The host's volumes: <lib>/volumes/<name>/{data,volume.json}. A volume is whole on disk before it has its name, and loses
 * that before its files, which are deleted in the background: a kill at any instant leaves at most what the next open deletes. On a full disk it
 * may keep its name until its files are gone, and a kill leaves a volume with the rest. One process
 * at a time has a store open.
 */
export class VolumeStore extends GuardedEmitter<{ created: [VolumeRecord]; removed: [name: string] }> {
  readonly #directory: string;
  readonly #deletions: Deletions;
  readonly #volumes: KnownVolumes;
  /** Changes run one after another, so that none is removed while it is being given to a container. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, deletions: Deletions, volumes: KnownVolumes) {
    super();
    this.#directory = directory;
    this.#deletions = deletions;
    this.#volumes = volumes;
  }

  static async open(lib: string, deletions = new Deletions()): Promise<VolumeStore> {
    const directory = join(lib, 'volumes');
    return new VolumeStore(directory, deletions, await openVolumes(directory, deletions));
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
      if (covered !== null) await seedVolume(join(this.#directory, name), covered, this.#deletions);
      const used: VolumeFile = { ...file, fresh: false };
      await writeDurably(recordFile(this.#directory, name), storedText(used));
      this.#volumes.set(name, used);
    });
  }

  /**
   * Resolves when it has lost its name. `usersNow` returns the containers that use it at the moment of the removal; throws `conflict` where
   * there are any, and `not-found`.
   */
  async remove(name: string, usersNow: () => readonly string[]): Promise<void> {
    await this.#change(async () => {
      if (!this.#volumes.has(name)) throw notFound('volume', name);
      const usedBy = usersNow();
      if (usedBy.length > 0) throw inUse(name, usedBy);
      await this.#deletions.moveAside(this.#directory, name);
      this.#volumes.delete(name);
      this.emit('removed', name);
      await syncDirectory(this.#directory);
    });
  }

  async #make(name: string, labels: Record<string, string>): Promise<VolumeFile> {
    const file = await createVolume({ volumes: this.#directory, deletions: this.#deletions }, name, labels);
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
