import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { attempt, guarded } from '@plimsoll/core/guarded';
import { makeFifo } from '@plimsoll/core';
import { BirthStep, ContainerId, FIRST_VERSION, FormatVersion, requireReadable, StoredLimits } from '@plimsoll/protocol';
import { z } from 'zod';
import { Deletions, REMOVED } from '../deletion/deletions.ts';
import { ROOTFS } from '../oci-config.ts';
import { writeFailure } from '../disk-failure.ts';
import { checkedText, isSound, readCheckedFile, writeCheckedFile } from './checked-file.ts';
import { complain } from './complain.ts';
import { GroupEntry } from './journal-entry.ts';
import { moveAside, rangeOfFiles } from './moved-aside.ts';
import { ContainerDefinition } from './protocol.ts';
import { writeInPlace } from './write-in-place.ts';
import type { StateRoot } from '../state-root.ts';
import { lstatIfThere } from '../stores/lstat.ts';
import { makePrivateDirectory } from '../stores/private-directory.ts';
import { setAside } from '../stores/set-aside.ts';

/** What is true of a container only as long as this boot lasts. /run is not always a tmpfs, hence the boot id. */
const RuntimeState = z.looseObject({
  bootId: z.string(),
  incarnation: z.int(),
  pid: z.int(),
  /** proc_pid_stat(5), field 22. */
  startTime: z.string(),
  startedAt: z.iso.datetime(),
  startedMonotonicNs: z.string().nullable().default(null),
  startedBootNs: z.string().nullable().default(null),
  frozenAt: z.iso.datetime().nullable(),
  /** The file system whose want of space froze it. */
  frozenForDisk: z.string().nullable().default(null),
});
export type RuntimeState = z.infer<typeof RuntimeState>;

const STATE_VERSION: FormatVersion = { major: 1, minor: 0 };
/** Files from before there were versions have none. */
const Versioned = z.looseObject({ version: FormatVersion.default(FIRST_VERSION) });

/** What is in the journal as well, and restores the container where that is lost. */
const StoredDefinition = z.looseObject({ definition: ContainerDefinition, limits: StoredLimits });
export type StoredDefinition = z.infer<typeof StoredDefinition>;

const StoredGroups = z.object({ groups: z.array(GroupEntry) });

/** How the last start went. A file from before there were versions has the steps alone. */
const StoredBirth = z.preprocess(
  (content) => (Array.isArray(content) ? { incarnation: 0, startedAt: null, steps: content } : content),
  z.object({ incarnation: z.int(), startedAt: z.iso.datetime().nullable(), steps: z.array(BirthStep) }),
);
export type StoredBirth = z.infer<typeof StoredBirth>;
const BirthNumber = z.preprocess(
  (content) => (Array.isArray(content) ? { incarnation: 0, startedAt: null } : content),
  z.object({ incarnation: z.int(), startedAt: z.iso.datetime().nullable() }),
);

/** Where the parts of one container lie. */
export interface ContainerPaths {
  /** The bundle: layer, log, how it was made. */
  directory: string;
  upper: string;
  work: string;
  rootfs: string;
  log: string;
  definition: string;
  birth: string;
  /** FIFOs and runtime state. */
  run: string;
  stdin: string;
  /** Of what is on its way to `stdin`. */
  stdinStaging: string;
  runtimeState: string;
}

/** More than any has. */
const RUNTIME_STATE_BYTES = 1024;
const RETRY_MS = 1000;
/** How long a shutdown waits for deletions; the next start carries on with what is left. */
const SETTLE_MS = 10_000;

/** A deletion that an earlier supervisor began. */
export interface Leftover {
  /** The first id of the range that its files belong to; null: the host's own. */
  firstId: number | null;
  /** False: something is left. */
  gone: Promise<boolean>;
}

/** The directories of all containers, and what is true of them for this boot. What must outlive a power cut is in the journal. */
export class Store {
  readonly #containers: string;
  readonly #run: string;
  readonly #groups: string;
  readonly #deletions = new Deletions();
  /** Runtime states that the disk did not take, by container. */
  readonly #unwritten = new Map<string, RuntimeState>();
  readonly bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();

  constructor(state: StateRoot) {
    this.#containers = join(state.lib, 'containers');
    this.#run = join(state.run, 'containers');
    this.#groups = join(state.lib, 'groups.json');
    // A set-uid file of a container would be any local user's to run.
    for (const directory of [this.#containers, this.#run]) makePrivateDirectory(directory);
  }

  get directory(): string {
    return this.#containers;
  }

  paths(id: string): ContainerPaths {
    const directory = join(this.#containers, id);
    const run = join(this.#run, id);
    return {
      directory,
      upper: join(directory, 'upper'),
      work: join(directory, 'work'),
      rootfs: join(directory, ROOTFS),
      log: join(directory, 'log'),
      definition: join(directory, 'container.json'),
      birth: join(directory, 'birth.json'),
      run,
      stdin: join(run, 'stdin'),
      stdinStaging: join(run, 'stdin-staging'),
      runtimeState: join(run, 'state.json'),
    };
  }

  /** Ids of the containers that have a directory. */
  get ids(): Set<string> {
    const names = [this.#containers, this.#run].flatMap((root) => readdirSync(root));
    return new Set(names.filter((name) => ContainerId.safeParse(name).success));
  }

  /** Its removal was begun: that of its files, at the least. */
  isBeingRemoved(id: string): boolean {
    return [this.#containers, this.#run].some((root) => existsSync(join(root, `${REMOVED}${id}`)));
  }

  /** Deletes in the background: these containers' directories, and what a supervisor that died had begun to delete. */
  clear(ids: ReadonlySet<string>): Leftover[] {
    return [this.#containers, this.#run].flatMap((root) => {
      const names = readdirSync(root);
      const doomed = names.filter((name) => name.startsWith(REMOVED)).map((name) => join(root, name));
      for (const name of names.filter((one) => ids.has(one))) {
        attempt(`the removal of ${join(root, name)}`, () => doomed.push(moveAside(join(root, name))));
      }
      return doomed.map((path) => ({ firstId: rangeOfFiles(path), gone: this.#deletions.delete(path) }));
    });
  }

  /**
   * Makes its directories and FIFOs where they are missing: /run does not outlive a reboot, the rest does. `owner`: id of the
   * container's root on the host.
   */
  prepare(id: string, owner: number): void {
    const { directory, upper, work, rootfs, run } = this.paths(id);
    makeDirectory(run, 0o700);
    // The container owns them, so that it can open /dev/stdout and the others again.
    for (const path of ['stdout', 'stderr'].map((stream) => join(run, stream))) {
      if (!existsSync(path)) makeFifo(path);
      giveTo(path, owner);
    }
    makeDirectory(directory, 0o700);
    // The upper layer's root is the container's "/": its mode is what a process in there sees.
    for (const path of [upper, rootfs]) makeDirectory(path, 0o755);
    makeDirectory(work, 0o700);
    for (const path of [upper, work]) giveTo(path, owner);
  }

  /**
   * Makes new FIFOs for a start's standard input. Another container may have those of the run before open, and writes into nothing. The container owns
   * its own; the other is the supervisor's.
   */
  makeStdin(id: string, owner: number): void {
    const { stdin, stdinStaging } = this.paths(id);
    for (const path of [stdin, stdinStaging]) {
      rmSync(path, { force: true });
      makeFifo(path);
    }
    giveTo(stdin, owner);
  }

  /** Out of the way at once; the files themselves are deleted in the background. Resolves when that is over; false: something is left. */
  async remove(id: string): Promise<boolean> {
    const { directory, run } = this.paths(id);
    const doomed = [directory, run].filter((path) => lstatIfThere(path) !== undefined).map(moveAside);
    const gone = await Promise.all(doomed.map(async (path) => await this.#deletions.delete(path)));
    return gone.every(Boolean);
  }

  /** Resolves when no deletion is under way, or has taken too long to wait for. */
  async settled(): Promise<void> {
    await Promise.race([this.#deletions.settled(), delay(SETTLE_MS, undefined, { ref: false })]);
  }

  /** What a newer version has added to it stays. */
  writeDefinition(id: string, stored: StoredDefinition): void {
    this.#write(this.paths(id).definition, { ...this.readDefinition(id), ...stored });
  }

  /** Null: there is none, or none that can be read. */
  readDefinition(id: string): StoredDefinition | null {
    const stored = this.#read(this.paths(id).definition, StoredDefinition);
    return stored?.definition.id === id ? stored : null;
  }

  /** It is there as it was written; quicker than reading it, and true of a newer version's too. */
  isDefinitionSound(id: string): boolean {
    const path = this.paths(id).definition;
    return existsSync(path) && isSound(path);
  }

  hasDefinition(id: string): boolean {
    return existsSync(this.paths(id).definition);
  }

  /** Not synced: it need only outlive this process. Throws where the disk takes none; once there, it takes no more space. */
  writeRuntimeState(id: string, state: RuntimeState): void {
    const text = checkedText({ ...state, version: STATE_VERSION }, RUNTIME_STATE_BYTES);
    writeInPlace(this.paths(id).runtimeState, text);
    this.#unwritten.delete(id);
  }

  /** The same of what has happened already: written later where the disk takes none. */
  noteRuntimeState(id: string, state: RuntimeState): void {
    try {
      this.writeRuntimeState(id, state);
    } catch (error) {
      if (writeFailure(error) === null) throw error;
      this.#unwritten.set(id, state);
      const again = (): void => {
        if (this.#unwritten.get(id) === state) this.noteRuntimeState(id, state);
      };
      setTimeout(guarded(`the runtime state of container "${id}"`, again), RETRY_MS).unref();
    }
  }

  clearRuntimeState(id: string): void {
    this.#unwritten.delete(id);
    rmSync(this.paths(id).runtimeState, { force: true });
  }

  /** Null: it was not running, or what is there is another boot's, or cannot be read. */
  readRuntimeState(id: string): RuntimeState | null {
    const unwritten = this.#unwritten.get(id);
    if (unwritten !== undefined) return unwritten;
    const state = this.#read(this.paths(id).runtimeState, RuntimeState);
    return state?.bootId === this.bootId ? state : null;
  }

  /** Best effort, and after the start: nobody waits to read how it went. */
  writeBirth(id: string, birth: StoredBirth): void {
    this.#write(this.paths(id).birth, birth);
  }

  /** The number of the last start alone, which costs a tenth. */
  readBirthNumber(id: string): Pick<StoredBirth, 'incarnation' | 'startedAt'> | null {
    return this.#read(this.paths(id).birth, BirthNumber);
  }

  /** Null: there is none, or none that can be read. */
  readBirth(id: string): StoredBirth | null {
    return this.#read(this.paths(id).birth, StoredBirth);
  }

  /** All that somebody made, named, limited or froze. */
  writeGroups(groups: readonly GroupEntry[]): void {
    this.#write(this.#groups, { groups });
  }

  readGroups(): GroupEntry[] {
    return this.#read(this.#groups, StoredGroups)?.groups ?? [];
  }

  #write(path: string, value: object): void {
    writeCheckedFile(path, { ...value, version: STATE_VERSION });
  }

  #read<T>(path: string, schema: z.ZodType<T>): T | null {
    if (!existsSync(path)) return null;
    try {
      const content = readCheckedFile(path);
      const { version } = Versioned.parse(Array.isArray(content) ? {} : content);
      requireReadable(path, version, STATE_VERSION);
      return schema.parse(content);
    } catch (error) {
      complain(`cannot read ${path}`, error);
      this.#keep(path);
      return null;
    }
  }

  /** Under another name, where it is reported by: one of a newer version can be put back. */
  #keep(path: string): void {
    try {
      setAside(path);
    } catch (error) {
      complain(`cannot set ${path} aside`, error);
    }
  }
}

function makeDirectory(path: string, mode: number): void {
  if (!existsSync(path)) mkdirSync(path, { mode });
}

/** Root's is what was made and not yet given away: a container cannot give the host's root anything. */
function giveTo(path: string, owner: number): void {
  if (lstatSync(path).uid === 0) chownSync(path, owner, owner);
}
