import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { ProjectQuotas, projectOf, setProject, whyNoProjectQuotas, type LimitAnswer } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import type { ContainerPaths } from './store.ts';

/**
 * Projects 2^30 to 2^31 - 1: above what people (projid(5)), Docker and the kubelet number theirs with. Ids are u32 in the kernel;
 * some programs take those from 2^31 on for negative.
 */
const FIRST_PROJECT = 2 ** 30;
const PROJECTS = 2 ** 30;

/** Quotas are switched on and off by a mount or quotaon(8): a start does not look each time. */
const LOOK_AGAIN_MS = 5000;

const NO_QUOTAS_HINT =
  'Mount it with the option prjquota, ext4 after `tune2fs -O quota,project`; or leave the limit out (`plimsoll update --storage-opt size=none`).';

type LayerPaths = Pick<ContainerPaths, 'upper' | 'work'>;

/**
 * Project quotas of containers' layers. Each layer has a project of its own from the moment that it is made, limited or not, where the
 * file system has project quotas. The directories are what remembers it: `work`, which no process of the container reaches, carries
 * its id, the file system the limit. So both outlive supervisors and reboots, and no two Plimsolls on one file system can disagree.
 * The log is outside: it is bounded by itself (log-file.ts).
 *
 * In a user namespace of its own a container can change the project of no file. In the host's it can, of its own files (chattr(1)).
 */
export class LayerProjects {
  readonly #containers: string;
  #looked: { atMs: number; why: string | null } = { atMs: -Infinity, why: null };

  /** The directory of all containers. */
  constructor(containers: string) {
    this.#containers = containers;
  }

  /** Why no layer can be limited; null: each can. */
  get whyNone(): string | null {
    if (performance.now() - this.#looked.atMs > LOOK_AGAIN_MS) {
      this.#looked = { atMs: performance.now(), why: whyNoProjectQuotas(this.#containers) };
    }
    return this.#looked.why;
  }

  /** Throws `unsupported-on-host` where a limit cannot be enforced. */
  require(storageBytes: number | null | undefined): void {
    const why = storageBytes === undefined || storageBytes === null ? null : this.whyNone;
    if (why !== null) {
      throw new PlimsollError('unsupported-on-host', `a layer cannot be limited here: ${why}`, {
        field: 'limits.storageBytes',
        hint: NO_QUOTAS_HINT,
      });
    }
  }

  /**
   * Gives a layer its project where it has none, and its limit where it has another: of a new layer, and before each start, since a
   * reset may have lost both, and the file system may be another. Throws where it is to be limited and cannot be; without a limit,
   * what fails is logged.
   */
  enforce(paths: LayerPaths, storageBytes: number | undefined): void {
    this.require(storageBytes);
    if (this.whyNone !== null) return;
    try {
      this.#assign(paths);
      if (this.limitOf(paths) !== storageBytes) this.limit(paths, storageBytes ?? null);
    } catch (error) {
      if (storageBytes !== undefined) throw error;
      complain(`cannot give ${paths.upper} a project`, error);
    }
  }

  /** Sets the limit of a layer, or takes it away (null). Returns what the kernel has now. */
  limit({ work }: LayerPaths, storageBytes: number | null): LimitAnswer {
    this.require(storageBytes);
    const id = this.whyNone === null ? projectOf(work) : 0;
    if (id === 0) {
      if (storageBytes === null) return { file: 'project quota', reads: 'none' };
      throw new PlimsollError('conflict', 'its layer was made before its file system had project quotas, and has no project', {
        field: 'limits.storageBytes',
        hint: 'Make the container again.',
      });
    }
    using quotas = new ProjectQuotas(this.#containers);
    quotas.limit(id, storageBytes);
    return { file: `project quota ${id}`, reads: String(quotas.use(id).limitBytes ?? 'none') };
  }

  /** What is in force. Undefined: no limit. */
  limitOf({ work }: LayerPaths): number | undefined {
    const id = this.whyNone === null ? projectOf(work) : 0;
    if (id === 0) return undefined;
    using quotas = new ProjectQuotas(this.#containers);
    return quotas.use(id).limitBytes ?? undefined;
  }

  /** Of a layer that is about to be deleted: what is to be called when it has been. */
  end({ work }: LayerPaths): () => void {
    const id = knownProject(work);
    return () => {
      if (id !== 0) this.#clear(id);
    };
  }

  /** Clears limits of our range that no file belongs to: a supervisor died between the last file and the limit. */
  clearUnused(): void {
    if (this.whyNone !== null) return;
    try {
      using quotas = new ProjectQuotas(this.#containers);
      const last = FIRST_PROJECT + PROJECTS - 1;
      for (let one = quotas.next(FIRST_PROJECT); one !== null && one.id <= last; one = quotas.next(one.id + 1)) {
        if (one.inodes === 0 && one.limitBytes !== null) quotas.limit(one.id, null);
      }
    } catch (error) {
      complain('cannot clear limits of projects that no file belongs to', error);
    }
  }

  /** A layer with files in it keeps what it has: a file is counted for the project that it was made in. */
  #assign({ upper, work }: LayerPaths): void {
    const known = projectOf(work);
    if (known === 0 && (readdirSync(upper).length > 0 || readdirSync(work).length > 0)) return;
    const id = known === 0 ? this.#draw() : known;
    // The overlay renames from one into the other, which the kernel allows within a project alone (EXDEV).
    if (known === 0) setProject(work, id);
    if (projectOf(upper) !== id) setProject(upper, id);
  }

  /** The file system itself says which ids are in use, whichever Plimsoll or other program uses them. */
  #draw(): number {
    using quotas = new ProjectQuotas(this.#containers);
    for (;;) {
      const id = FIRST_PROJECT + randomInt(PROJECTS);
      const { inodes, limitBytes } = quotas.use(id);
      if (inodes === 0 && limitBytes === null) return id;
    }
  }

  /** Files that are deleted may be counted still, while a mount that goes holds them. */
  #clear(id: number): void {
    try {
      using quotas = new ProjectQuotas(this.#containers);
      if (quotas.use(id).limitBytes !== null) quotas.limit(id, null);
    } catch (error) {
      complain(`cannot clear the limit of project ${id}`, error);
    }
  }
}

/** 0 where it cannot be read: a damaged layer is removed as any other. */
function knownProject(directory: string): number {
  try {
    return existsSync(directory) ? projectOf(directory) : 0;
  } catch (error) {
    complain(`cannot read the project of ${directory}`, error);
    return 0;
  }
}
