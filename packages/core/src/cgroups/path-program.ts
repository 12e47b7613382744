import { Memory } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** PATH_MAX is twice that; no cgroup that anybody made comes near. */
const PATH_BYTES = 2048;
const encoder = new TextEncoder();

/** A program that is made once and played for one cgroup after another: nothing changes in it but the paths. */
export class PathProgram implements Disposable {
  readonly loaded: LoadedProgram;
  readonly #paths: Uint8Array[];

  /** `write` adds the steps of each path. */
  constructor(paths: number, write: (program: Program, path: Memory, index: number) => void) {
    const program = new Program();
    const memory = Array.from({ length: paths }, () => new Memory(new Uint8Array(PATH_BYTES), 'path'));
    memory.forEach((path, index) => write(program, path, index));
    program.end();
    this.loaded = new LoadedProgram(program, { apart: true });
    this.#paths = memory.map((path) => this.loaded.read(path));
  }

  /** Sets one of the paths. What is too long becomes empty, which no file has for a name: cut off it would name another. */
  setPath(index: number, path: string): void {
    const view = this.#paths[index] as Uint8Array;
    const { read, written } = encoder.encodeInto(path, view);
    view[read === path.length && written < view.length ? written : 0] = 0;
  }

  [Symbol.dispose](): void {
    this.loaded[Symbol.dispose]();
  }
}
