import { ERRNO } from '../abi/errno.ts';
import { SYSCALL_NUMBERS } from '../abi/syscall-numbers.ts';
import { runProgram } from '../syscalls/run.ffi.ts';
import { UnsupportedArchitecture } from '../syscalls/unsupported.ts';
import { allocate, allocateApart, type Allocation } from './arena.ts';
import { Memory, Result, Stored, Strings, Within, Words, type Argument } from './argument.ts';
import { END_OF_PROGRAM, ENTRY, FLAG_TIMED, TOLERATE_ANY } from './layout.ts';
import { Field, type Label } from './label.ts';
import type { Program, Step } from './program.ts';

/** Where a program stopped. */
export interface Failure {
  step: Step;
  index: number;
  errno: number;
}

const encoder = new TextEncoder();

/**
 * A program in memory, ready to run. Everything that the kernel is pointed at lies in the same shared pages, so nothing that
 * V8 may free or move is ever read, and what a child writes the parent can read.
 */
export class LoadedProgram implements Disposable {
  readonly #steps: readonly Step[];
  readonly #memory: Allocation;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #placed = new Map<Memory | Strings, number>();
  #stoppedAt = 0;

  /** `apart`: in pages of its own, which a zygote cannot run; `into`: in these, which are to be large enough. */
  constructor(program: Program, options: { apart?: boolean; into?: Allocation } = {}) {
    this.#steps = program.steps;
    const counted = new Set<Memory | Strings>();
    const size = program.steps.reduce((sum, step) => sum + ENTRY.size + dataSize(step.arguments, counted), 0);
    this.#memory = options.into ?? (options.apart === true ? allocateApart(size) : allocate(size));
    const { buffer, byteOffset } = this.#memory;
    this.#words = new Uint32Array(buffer, byteOffset, Math.ceil(size / 8) * 2);
    this.#bytes = new Uint8Array(buffer, byteOffset, this.#words.byteLength);
    this.#write();
  }

  /** Address of its first entry. */
  get address(): number {
    return this.#memory.address;
  }

  /** Plays it on this thread. True: it reached its end. False: `failure` tells where it stopped. */
  run(): boolean {
    this.#stoppedAt = runProgram(this.address);
    return this.#stoppedAt === 0;
  }

  /** The step that failed, in whichever process; null where none did. */
  get failure(): Failure | null {
    const handlers = new Set(this.#steps.map((step) => step.fail).filter((label) => label !== undefined));
    const address =
      [...handlers].map(({ at }) => this.#read(entryOffset(at) + ENTRY.timeSeconds)).find((told) => told !== 0) ??
      this.#stoppedAt;
    const index = (address - this.address) / ENTRY.size;
    const step = this.#steps[index];
    return address === 0 || step === undefined ? null : { step, index, errno: -this.result(index) };
  }

  /** What the kernel answered to a step: >= 0, or -errno. */
  result(step: number): number {
    return this.#read(entryOffset(step) + ENTRY.result);
  }

  /** CLOCK_MONOTONIC at the end of a timed step, ns; null: it did not run, or is not timed. */
  doneAtNs(step: number): bigint | null {
    if (this.#steps[step]?.timed !== true) return null;
    const seconds = this.#read(entryOffset(step) + ENTRY.timeSeconds);
    const nanoseconds = this.#read(entryOffset(step) + ENTRY.timeNanoseconds);
    return seconds === 0 && nanoseconds === 0 ? null : BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  }

  /** The memory as the kernel left it: a view, of use until disposal. */
  read(memory: Memory): Uint8Array {
    const at = this.#placed.get(memory);
    // What no step was given the kernel has not touched.
    return at === undefined ? memory.bytes : this.#bytes.subarray(at, at + memory.bytes.length);
  }

  /** A pid that clone3(2) stored there; 0: it has stored none. */
  readPid(memory: Memory): number {
    return new DataView(this.read(memory).slice().buffer).getInt32(0, true);
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  #write(): void {
    const numbers = SYSCALL_NUMBERS[process.arch];
    if (numbers === undefined) throw new UnsupportedArchitecture();
    let free = entryOffset(this.#steps.length);

    const place = (argument: string | Memory | Words | Strings): number => {
      if (argument instanceof Memory || argument instanceof Strings) {
        const known = this.#placed.get(argument);
        if (known !== undefined) return this.address + known;
      }
      const at = free;
      if (typeof argument === 'string') {
        const { written } = encoder.encodeInto(argument, this.#bytes.subarray(at));
        this.#bytes[at + written] = 0;
        free = align(at + written + 1);
      } else if (argument instanceof Memory) {
        this.#bytes.set(argument.bytes, at);
        this.#placed.set(argument, at);
        free = align(at + argument.bytes.length);
      } else if (argument instanceof Strings) {
        this.#placed.set(argument, at);
        free = this.#putStrings(argument, at);
      } else {
        free += argument.words.length * 8;
        argument.words.forEach((word, i) => this.#put(at + i * 8, value(word)));
      }
      return this.address + at;
    };
    const value = (argument: Argument): number => {
      if (typeof argument === 'number') return argument;
      if (argument instanceof Result) return this.address + entryOffset(argument.step) + ENTRY.result;
      if (argument instanceof Within) return place(argument.memory) + argument.offset;
      if (argument instanceof Stored) return value(argument.at);
      if (argument instanceof Field) return this.address + entryOffset(argument.label.at) + ENTRY[argument.field];
      return typeof argument === 'object' && 'value' in argument ? argument.value : place(argument);
    };

    for (const [index, step] of this.#steps.entries()) {
      const at = entryOffset(index);
      this.#put(at + ENTRY.number, step.syscall === 'end' ? END_OF_PROGRAM : numbers[step.syscall]);
      let flags = step.timed ? FLAG_TIMED : 0;
      for (let i = 0; i < 6; i++) {
        const argument = step.arguments[i] ?? 0;
        if (argument instanceof Result || argument instanceof Stored) flags |= 1 << i;
        this.#put(at + ENTRY.arguments + i * 8, value(argument));
      }
      this.#put(at + ENTRY.result, 0);
      this.#put(at + ENTRY.timeSeconds, 0);
      this.#put(at + ENTRY.timeNanoseconds, 0);
      this.#put(at + ENTRY.flags, flags);
      this.#putTolerance(at + ENTRY.tolerate, step.tolerate);
      this.#put(at + ENTRY.jump, this.#target(step.jump));
      this.#put(at + ENTRY.fail, this.#target(step.fail));
    }
  }

  /** Pointers, NULL, and the strings behind. Returns where they end. */
  #putStrings({ bytes, count }: Strings, at: number): number {
    const first = at + (count + 1) * 8;
    this.#bytes.set(bytes, first);
    let [pointer, start] = [at, 0];
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0) continue;
      this.#put(pointer, this.address + first + start);
      pointer += 8;
      start = i + 1;
    }
    this.#put(at + count * 8, 0);
    return align(first + bytes.length);
  }

  #target(label: Label | number | undefined): number {
    return typeof label === 'number' ? label : label === undefined ? 0 : this.address + entryOffset(label.at);
  }

  /** A 64-bit word from a Number: exact up to 2^53, which addresses and flags are below; negative ones in two's complement. */
  #put(offset: number, value: number): void {
    this.#words[offset >>> 2] = value >>> 0;
    this.#words[(offset >>> 2) + 1] = Math.floor(value / 0x1_0000_0000) >>> 0;
  }

  #putTolerance(offset: number, tolerate: Step['tolerate']): void {
    let low = tolerate === 'any' ? TOLERATE_ANY : 0;
    let high = 0;
    for (const name of tolerate === 'any' ? [] : tolerate) {
      if (ERRNO[name] < 32) low |= 1 << ERRNO[name];
      else high |= 1 << (ERRNO[name] - 32);
    }
    this.#words[offset >>> 2] = low;
    this.#words[(offset >>> 2) + 1] = high;
  }

  #read(offset: number): number {
    const low = this.#words[offset >>> 2] ?? 0;
    const high = (this.#words[(offset >>> 2) + 1] ?? 0) | 0;
    return high * 0x1_0000_0000 + low;
  }
}

function entryOffset(index: number): number {
  return index * ENTRY.size;
}

function align(offset: number): number {
  return (offset + 7) & ~7;
}

/** An upper bound of what the arguments need beside their registers. `counted`: what the program has already, and has once. */
function dataSize(args: readonly Argument[], counted: Set<Memory | Strings>): number {
  const once = (argument: Memory | Strings, size: number): number => {
    if (counted.has(argument)) return 0;
    counted.add(argument);
    return size;
  };
  let size = 0;
  for (const argument of args) {
    if (typeof argument === 'string') size += argument.length * 3 + 8;
    else if (argument instanceof Memory) size += once(argument, align(argument.bytes.length));
    else if (argument instanceof Within) size += dataSize([argument.memory], counted);
    else if (argument instanceof Stored) size += dataSize([argument.at], counted);
    else if (argument instanceof Strings) size += once(argument, align(argument.bytes.length) + (argument.count + 1) * 8);
    else if (argument instanceof Words) size += argument.words.length * 8 + dataSize(argument.words, counted);
  }
  return size;
}
