import { closeSync } from 'node:fs';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { PathProgram } from './path-program.ts';
import type { CgroupReading } from './reading.ts';
import type { Target } from './sources/source.ts';
import { AT_ONCE, pathOf, type Tier } from './tier.ts';

/** A cgroup whose files of one tier are held open. */
export interface OpenFiles extends Disposable {
  readonly count: number;
  /** After a read: whether all of them could be read. ENODEV: the cgroup has been removed, and its open files outlive it. */
  readonly present: boolean;
}

/** Reads files that are held open, those of AT_ONCE cgroups by one program: a newcomer has these laid out anew, not all. */
export class KeptFiles implements Disposable {
  readonly #tier: Tier;
  readonly #opener: PathProgram;
  readonly #chunks: Chunk[] = [];

  constructor(tier: Tier) {
    this.#tier = tier;
    this.#opener = new PathProgram(tier.sources.length, (program, path) => {
      program.call('open', 'openat', [AT_FDCWD, path, or(O, 'O_RDONLY', 'O_CLOEXEC')], { tolerate: 'any' });
    });
  }

  /** Opens what is there of this cgroup's files; each read fills `reading` from now on. */
  open(target: Target, reading: CgroupReading): OpenFiles {
    const { sources } = this.#tier;
    sources.forEach((source, i) => this.#opener.setPath(i, pathOf(source, target)));
    this.#opener.loaded.run();
    const files = new Files(
      sources.map((_, source) => ({ source, fd: this.#opener.loaded.result(source) })).filter(({ fd }) => fd >= 0),
      reading,
    );
    const chunk = this.#chunks.find(({ size }) => size < AT_ONCE) ?? this.#newChunk();
    chunk.add(files);
    files.onClose = () => chunk.remove(files);
    return files;
  }

  read(): void {
    for (const chunk of this.#chunks) chunk.read();
  }

  #newChunk(): Chunk {
    const chunk = new Chunk(this.#tier);
    this.#chunks.push(chunk);
    return chunk;
  }

  /** What is open is closed first, by who opened it. */
  [Symbol.dispose](): void {
    this.#chunks.length = 0;
    this.#opener[Symbol.dispose]();
  }
}

class Files implements OpenFiles {
  readonly files: readonly { source: number; fd: number }[];
  readonly reading: CgroupReading;
  present = false;
  onClose: (() => void) | null = null;

  constructor(files: readonly { source: number; fd: number }[], reading: CgroupReading) {
    this.files = files;
    this.reading = reading;
  }

  get count(): number {
    return this.files.length;
  }

  [Symbol.dispose](): void {
    if (this.onClose === null) return;
    this.onClose();
    this.onClose = null;
    for (const { fd } of this.files) closeSync(fd);
  }
}

class Chunk {
  readonly #tier: Tier;
  readonly #members = new Set<Files>();
  #loaded: LoadedProgram | null = null;

  constructor(tier: Tier) {
    this.#tier = tier;
  }

  get size(): number {
    return this.#members.size;
  }

  add(files: Files): void {
    this.#members.add(files);
    this.#unload();
  }

  remove(files: Files): void {
    this.#members.delete(files);
    this.#unload();
  }

  read(): void {
    if (this.#members.size === 0) return;
    const loaded = (this.#loaded ??= this.#load());
    loaded.run();
    let step = 0;
    let place = 0;
    for (const member of this.#members) {
      const { files, reading } = member;
      member.present = files.length > 0;
      if (files.length > 0) this.#tier.stamp(reading, loaded.doneAtNs(step));
      for (const { source } of files) {
        const length = loaded.result(step++);
        if (length < 0) member.present = false;
        this.#tier.take(source, place, length, reading);
      }
      place++;
    }
  }

  #load(): LoadedProgram {
    const program = new Program();
    let place = 0;
    for (const { files } of this.#members) {
      files.forEach(({ source, fd }, i) => {
        const room = this.#tier.sources[source]?.bytes ?? 0;
        program.timed = i === 0;
        program.call('read', 'pread64', [fd, this.#tier.address(place, source), room, 0], { tolerate: 'any' });
      });
      place++;
    }
    program.timed = false;
    program.end();
    return new LoadedProgram(program, { apart: true });
  }

  #unload(): void {
    this.#loaded?.[Symbol.dispose]();
    this.#loaded = null;
  }
}
