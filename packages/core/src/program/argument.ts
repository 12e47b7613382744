import type { Named } from '../abi/flags.ts';
import type { Field } from './label.ts';

/** The result of an earlier step, used as an argument: a descriptor that it opened, mostly. */
export class Result {
  readonly step: number;
  readonly name: string;
  constructor(step: number, name: string) {
    this.step = step;
    this.name = name;
  }
}

/** Memory that the kernel reads or writes: `bytes` is copied into the program, and read back with `Program.read`. */
export class Memory {
  readonly bytes: Uint8Array;
  readonly text: string;
  constructor(bytes: Uint8Array, text: string) {
    this.bytes = bytes;
    this.text = text;
  }
}

/** An address within such memory. */
export class Within {
  readonly memory: Memory;
  readonly offset: number;
  readonly text: string;
  constructor(memory: Memory, offset: number, text: string) {
    this.memory = memory;
    this.offset = offset;
    this.text = text;
  }
}

/** A number that the kernel has stored within such memory by then, in eight bytes. */
export class Stored {
  readonly at: Within;
  readonly text: string;
  constructor(at: Within, text: string) {
    this.at = at;
    this.text = text;
  }
}

/** A struct or array of 64-bit words, each an argument of its own: argv, clone_args, open_how. */
export class Words {
  readonly words: readonly Argument[];
  readonly text: string;
  constructor(words: readonly Argument[], text: string) {
    this.words = words;
    this.text = text;
  }
}

/** What a syscall takes in one register: a number, the address of a C string or of memory, or an earlier result. */
export type Argument = number | string | Named | Memory | Within | Stored | Words | Result | Field;

/** A NULL-terminated array of C strings. */
export function strings(list: readonly string[], text = `[${list.map((item) => JSON.stringify(item)).join(', ')}]`): Words {
  return new Words([...list, 0], text);
}

/** How a person would write it in C. */
export function describe(argument: Argument): string {
  if (typeof argument === 'number') return String(argument);
  if (typeof argument === 'string') return JSON.stringify(argument);
  if (argument instanceof Result) return argument.name;
  return argument.text;
}
