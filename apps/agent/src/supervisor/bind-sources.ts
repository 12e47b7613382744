import { fstatSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BindSources, directoryIdentity, type OciMount, type WritableDirectories } from '@plimsoll/core';
import type { ContainerRecord } from './protocol.ts';

interface Surroundings {
  /** Directories of this Plimsoll that have containers' files: their layers, and volumes. */
  own: readonly string[];
  records: () => readonly Pick<ContainerRecord, 'id' | 'name' | 'incarnation' | 'mounts'>[];
}

/** Null: it is no directory. */
type Identity = string | null;

const LOOKUP_MS = 1000;
/** Each takes one of libuv's four threads for as long as a dead file system does not answer. */
const MOST_HANGING = 2;

/**
 * Opens the sources of containers' binds. What a container may write to, running or not, may have symbolic links of its making: Plimsoll's
 * own directories, and the sources of its binds that are not read-only, which are remembered as they were at its last start.
 */
export class BindSourceOpener {
  readonly #around: Surroundings;
  /** Of sources of writable binds, by container and by path. */
  readonly #known = new Map<string, Map<string, Identity>>();
  readonly #hanging = new Set<string>();
  #lookups: Promise<void> | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** For a start of container `id`. Throws as BindSources.open does. */
  async open(id: string, mounts: readonly OciMount[]): Promise<BindSources> {
    const isLocal = mounts.every((mount) => mount.type !== 'bind' || this.#isOwn(mount.source));
    if (!isLocal) await this.#lookUp();
    // No pause from here on: a container that starts in one could make a link that is not known for its.
    const writable = this.#writable(isLocal);
    const opened = this.#openAmong(writable, id, mounts);
    const isKnown = [...(this.#known.get(id)?.values() ?? [])].every((found) => found === null || writable.has(found));
    if (isKnown || mounts.filter(({ type }) => type === 'bind').length === 1) return opened;
    // One source of this container may lie below another one of it, which was not known before.
    opened[Symbol.dispose]();
    return this.#openAmong(this.#writable(isLocal), id, mounts);
  }

  #openAmong(writable: WritableDirectories, id: string, mounts: readonly OciMount[]): BindSources {
    using undo = new DisposableStack();
    const opened = undo.use(BindSources.open(mounts, writable));
    const sources = mounts.filter((mount) => this.#isWritable(mount)).map(({ source }) => source);
    if (sources.length > 0) this.#known.set(id, identitiesIn(opened, sources));
    undo.move();
    return opened;
  }

  #isOwn(source: string): boolean {
    return this.#around.own.some((directory) => source.startsWith(`${directory}/`));
  }

  #isWritable({ type, source, options }: OciMount): boolean {
    return type === 'bind' && !options.includes('ro') && !this.#isOwn(source);
  }

  /** Directories, or paths where a directory cannot be looked up, with words for whose they are. */
  #writable(isLocal: boolean): Map<string, string> {
    const found = new Map<string, string>();
    for (const directory of this.#around.own) {
      const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
      if (stats !== undefined) found.set(directoryIdentity(stats), `${directory}, where containers write`);
    }
    if (isLocal) return found;
    for (const { id, name, sources } of this.#writers()) {
      for (const path of sources) {
        const identity = this.#known.get(id)?.get(path);
        if (identity !== null) found.set(identity ?? path, `${path}, which container "${name}" may write to`);
      }
    }
    return found;
  }

  /** One that was never started has written nothing. */
  #writers(): { id: string; name: string; sources: string[] }[] {
    const started = this.#around.records().filter(({ incarnation }) => incarnation > 0);
    return started.map(({ id, name, mounts }) => ({
      id,
      name,
      sources: mounts.flatMap((mount) => (mount.kind === 'bind' && !mount.readOnly ? [mount.source] : [])),
    }));
  }

  /** Of containers that this supervisor has not started. A file system that does not answer holds up no start for long. */
  async #lookUp(): Promise<void> {
    this.#lookups ??= this.#lookUpAll().finally(() => (this.#lookups = null));
    await this.#lookups;
  }

  async #lookUpAll(): Promise<void> {
    const writers = this.#writers();
    const ids = new Set(writers.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    for (const { id, sources } of writers) {
      const before = this.#known.get(id) ?? new Map<string, Identity>();
      this.#known.set(id, before);
      for (const path of sources.filter((source) => !before.has(source))) {
        const identity = await this.#identify(path);
        if (identity !== undefined) before.set(path, identity);
      }
    }
  }

  /** Undefined: it cannot be reached, or not in time. */
  async #identify(path: string): Promise<Identity | undefined> {
    if (this.#hanging.has(path) || this.#hanging.size >= MOST_HANGING) return undefined;
    this.#hanging.add(path);
    const lookup = stat(path, { bigint: true })
      .then((stats) => (stats.isDirectory() ? directoryIdentity(stats) : null))
      .catch(() => undefined)
      .finally(() => this.#hanging.delete(path));
    const late = new AbortController();
    try {
      return await Promise.race([
        lookup,
        delay(LOOKUP_MS, undefined, { ref: false, signal: late.signal }).catch(() => undefined),
      ]);
    } finally {
      late.abort();
    }
  }
}

function identitiesIn(opened: BindSources, sources: readonly string[]): Map<string, Identity> {
  return new Map(
    sources.map((source) => {
      const stats = fstatSync(opened.get(source), { bigint: true });
      return [source, stats.isDirectory() ? directoryIdentity(stats) : null];
    }),
  );
}
