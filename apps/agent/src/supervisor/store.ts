import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFifo } from '@plimsoll/core';
import { z } from 'zod';
import { ROOTFS } from '../oci-config.ts';
import { complain } from './complain.ts';
import type { StateRoot } from '../state-root.ts';

/** What is true of a container only as long as this boot lasts. /run is not always a tmpfs, hence the boot id. */
const RuntimeState = z.object({
  bootId: z.string(),
  incarnation: z.int(),
  pid: z.int(),
  /** proc_pid_stat(5), field 22. */
  startTime: z.string(),
  startedAt: z.iso.datetime(),
  startedMonotonicNs: z.string().nullable().default(null),
  startedBootNs: z.string().nullable().default(null),
  frozenAt: z.iso.datetime().nullable(),
});
export type RuntimeState = z.infer<typeof RuntimeState>;

/** Where the parts of one container lie. */
export interface ContainerPaths {
  /** The bundle: layer, log, how it was made. */
  directory: string;
  upper: string;
  work: string;
  rootfs: string;
  log: string;
  birth: string;
  /** FIFOs and runtime state. */
  run: string;
  runtimeState: string;
}

const REMOVED = '.removed-';

/** The directories of all containers, and what is true of them for this boot. What must outlive a power cut is in the journal. */
export class Store {
  readonly #containers: string;
  readonly #run: string;
  readonly #deletions = new Set<Promise<void>>();
  readonly bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();

  constructor(state: StateRoot) {
    this.#containers = join(state.lib, 'containers');
    this.#run = join(state.run, 'containers');
    mkdirSync(this.#containers, { recursive: true, mode: 0o711 });
    mkdirSync(this.#run, { recursive: true, mode: 0o700 });
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
      birth: join(directory, 'birth.json'),
      run,
      runtimeState: join(run, 'state.json'),
    };
  }

  /** Deletes what belongs to none of these, and was begun or half removed when a supervisor died. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const root of [this.#containers, this.#run]) {
      for (const name of readdirSync(root)) if (!ids.has(name)) rmSync(join(root, name), { recursive: true, force: true });
    }
  }

  /**
   * Makes its directories and FIFOs where they are missing: /run does not outlive a reboot, the rest does. `owner`: id of the
   * container's root on the host.
   */
  prepare(id: string, owner: number): void {
    const { directory, upper, work, rootfs, run } = this.paths(id);
    makeDirectory(run, 0o700);
    // The container owns them, so that it can open /dev/stdout and /dev/stderr again.
    for (const path of ['stdout', 'stderr'].map((stream) => join(run, stream))) {
      if (!existsSync(path)) makeFifo(path);
      giveTo(path, owner);
    }
    makeDirectory(directory, 0o711);
    // The upper layer's root is the container's "/": its mode is what a process in there sees.
    for (const path of [upper, rootfs]) makeDirectory(path, 0o755);
    makeDirectory(work, 0o700);
    for (const path of [upper, work]) giveTo(path, owner);
  }

  /** Out of the way at once; the files themselves are deleted in the background: resolves when none is left, which `settled` waits for too. */
  async remove(id: string): Promise<void> {
    const { directory, run } = this.paths(id);
    const deletions: Promise<void>[] = [];
    for (const path of [directory, run]) {
      if (!existsSync(path)) continue;
      const doomed = join(dirname(path), `${REMOVED}${id}`);
      renameSync(path, doomed);
      const deletion = rm(doomed, { recursive: true, force: true }).catch(() => {
        // What stays has a name that the next supervisor clears.
      });
      deletions.push(deletion);
      this.#deletions.add(deletion);
      void deletion.then(() => this.#deletions.delete(deletion));
    }
    await Promise.all(deletions);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#deletions);
  }

  /** Not synced: it need only outlive this process, and a rename makes it whole or absent. */
  writeRuntimeState(id: string, state: RuntimeState): void {
    const path = this.paths(id).runtimeState;
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  }

  clearRuntimeState(id: string): void {
    rmSync(this.paths(id).runtimeState, { force: true });
  }

  /** Null: it was not running, or what is there is another boot's, or not whole (it is not synced). */
  readRuntimeState(id: string): RuntimeState | null {
    const path = this.paths(id).runtimeState;
    if (!existsSync(path)) return null;
    try {
      const state = RuntimeState.parse(JSON.parse(readFileSync(path, 'utf8')));
      return state.bootId === this.bootId ? state : null;
    } catch (error) {
      complain(`cannot read ${path}`, error);
      return null;
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
