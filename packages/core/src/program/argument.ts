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

/** A NULL-terminated array of C strings, as execve(2) takes it. The kernel reads it: a program has it once, however many steps take it. */
export class Strings {
  /** The strings behind each other, each with its NUL. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly text: string;
  constructor(list: readonly string[], text: string) {
    this.bytes = encoder.encode([...list, ''].join('\0'));
    this.count = list.length;
    this.text = text;
  }
}

const encoder = new TextEncoder();

/** What a syscall takes in one register: a number, the address of a C string or of memory, or an earlier result. */
export type Argument = number | string | Named | Memory | Within | Stored | Words | Strings | Result | Field;

/** Of a list of strings, as it is shown. */
const MOST_SHOWN = 100;

/** A NULL-terminated array of C strings. None of them contains a NUL. */
export function strings(list: readonly string[], text = listInWords(list)): Strings {
  return new Strings(list, text);
}

function listInWords(list: readonly string[]): string {
  const shown = list.slice(0, MOST_SHOWN).map((item) => JSON.stringify(item));
  return `[${[...shown, ...(list.length > MOST_SHOWN ? [`${list.length - MOST_SHOWN} more`] : [])].join(', ')}]`;
}

/** How a person would write it in C. */
export function describe(argument: Argument): string {
  if (typeof argument === 'number') return String(argument);
  if (typeof argument === 'string') return JSON.stringify(argument);
  if (argument instanceof Result) return argument.name;
  return argument.text;
}
