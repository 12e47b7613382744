import { O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD } from '../abi/open.ts';
import { Memory } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { Cgroup } from './cgroup.ts';
import type { CgroupLayout } from './layout.ts';
import { emptyReading, type CgroupReading } from './reading.ts';
import { sourcesOf, type Source } from './sources.ts';

/** Cgroups that are read by one program: a newcomer has this many laid out anew, not all. */
const CHUNK = 64;

export interface SampledCgroup extends Disposable {
  /** The last reading; the same object each time. Null: not read yet, or the cgroup is gone. */
  readonly reading: CgroupReading | null;
}

/** Reads many cgroups at once: their files are opened when they come, and one crossing into native code reads a chunk of them. */
export class CgroupSampler implements Disposable {
  readonly #layout: CgroupLayout;
  readonly #chunks: Chunk[] = [];

  constructor(layout: CgroupLayout) {
    this.#layout = layout;
  }

  /** `path` as in Cgroup. Files that are not there are not read; a cgroup that is gone reads null. */
  add(path: string): SampledCgroup {
    const member = new Member(new Cgroup(this.#layout, path));
    let chunk = this.#chunks.find(({ size }) => size < CHUNK);
    if (chunk === undefined) this.#chunks.push((chunk = new Chunk()));
    const home = chunk;
    home.add(member);
    return {
      get reading() {
        return member.present ? member.reading : null;
      },
      [Symbol.dispose]: () => home.remove(member),
    };
  }

  /** Reads every cgroup now. */
  read(): void {
    for (const chunk of this.#chunks) chunk.read();
  }

  [Symbol.dispose](): void {
    for (const chunk of this.#chunks) chunk[Symbol.dispose]();
    this.#chunks.length = 0;
  }
}

/** A cgroup with its files open. */
class Member {
  readonly reading = emptyReading();
  readonly files: { source: Source; fd: number; content: Memory }[] = [];
  present = false;

  constructor(cgroup: Cgroup) {
    for (const source of sourcesOf(cgroup)) {
      const fd = tryCall('openat', AT_FDCWD, source.path, or(O, 'O_RDONLY', 'O_CLOEXEC'), 0);
      if (fd >= 0) this.files.push({ source, fd, content: new Memory(new Uint8Array(source.bytes), 'content') });
    }
  }

  close(): void {
    for (const { fd } of this.files) tryCall('close', fd);
    this.files.length = 0;
  }
}

class Chunk implements Disposable {
  readonly #members = new Set<Member>();
  #loaded: LoadedProgram | null = null;
  #views: Uint8Array[] = [];

  get size(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    this.#members.add(member);
    this.#unload();
  }

  remove(member: Member): void {
    if (!this.#members.delete(member)) return;
    member.close();
    this.#unload();
  }

  read(): void {
    if (this.#members.size === 0) return;
    const loaded = (this.#loaded ??= this.#load());
    loaded.run();
    let step = 0;
    for (const member of this.#members) {
      member.present = member.files.length > 0;
      for (const { source } of member.files) {
        const length = loaded.result(step);
        const view = this.#views[step];
        // ENODEV: the cgroup has been removed, and its open files outlive it.
        if (length < 0 || view === undefined) member.present = false;
        else source.take(view.subarray(0, length), member.reading);
        if (source.timed) member.reading.atNs = loaded.doneAtNs(step) ?? 0n;
        step++;
      }
    }
  }

  [Symbol.dispose](): void {
    for (const member of this.#members) member.close();
    this.#members.clear();
    this.#unload();
  }

  #load(): LoadedProgram {
    const program = new Program();
    const contents: Memory[] = [];
    for (const { files } of this.#members) {
      for (const { source, fd, content } of files) {
        program.timed = source.timed;
        program.call(`read ${source.path}`, 'pread64', [fd, content, source.bytes, 0], { tolerate: 'any' });
        contents.push(content);
      }
    }
    program.timed = false;
    program.end();
    const loaded = new LoadedProgram(program, { apart: true });
    this.#views = contents.map((content) => loaded.read(content));
    return loaded;
  }

  #unload(): void {
    this.#loaded?.[Symbol.dispose]();
    this.#loaded = null;
    this.#views = [];
  }
}
