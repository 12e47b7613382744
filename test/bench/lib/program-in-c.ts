import { SYSCALL_NUMBERS } from '../../../packages/core/src/abi/syscall-numbers.ts';
import { ERRNO } from '../../../packages/core/src/abi/errno.ts';
import { Memory, Result, Stored, Strings, Within, Words, type Argument } from '../../../packages/core/src/program/argument.ts';
import { Field } from '../../../packages/core/src/program/label.ts';
import type { Program, Step } from '../../../packages/core/src/program/program.ts';

/** In place of the arguments that a syscall has not. */
const NOTHING = ['0', '0', '0', '0', '0', '0'];
/** Of each memory that is shared. */
const SHARED_BYTES = 8;

/**
 * Writes syscall programs out as C: the same calls with the same arguments, in the same order, with the same ways out.
 */
export class ProgramsInC {
  readonly #data: string[] = [];
  readonly #memory = new Map<Memory, string>();
  #shared = 0;
  readonly #functions: string[] = [];

  /** `static int name(void)`, which returns 0, or the number of the step that failed, counted from 1. */
  add(name: string, { steps }: Program): void {
    const numbers = SYSCALL_NUMBERS[process.arch];
    if (numbers === undefined) throw new Error(`no syscall numbers for ${process.arch}`);
    const targets = new Set(steps.flatMap(({ jump, fail }) => [jump, fail]).map((label) => this.#at(label)));
    const lines = steps.flatMap((step, index) => [
      ...(targets.has(index) ? [`at_${index}:`] : []),
      ...(step.syscall === 'end' ? ['  return 0;'] : this.#call(step, index, numbers[step.syscall])),
    ]);
    if (targets.has(steps.length)) lines.push(`at_${steps.length}:`);
    this.#functions.push(
      `static int ${name}(void) {\n  static long r[${steps.length + 1}];\n  (void)r;\n${lines.join('\n')}\n  return 0;\n}\n`,
    );
  }

  /** Puts it where a child's writes reach the parent, in the C program's `shared`; to be called before `add`. Returns its address in C. */
  share(memory: Memory): string {
    const name = `(shared + ${SHARED_BYTES * ++this.#shared})`;
    this.#memory.set(memory, name);
    return name;
  }

  /** Data and functions. */
  text(): string {
    return `${this.#data.join('\n')}\n\n${this.#functions.join('\n')}`;
  }

  #call(step: Step, index: number, number: number): string[] {
    const before: string[] = [];
    const args = step.arguments.map((argument) => this.#value(argument, before));
    const tolerated =
      step.tolerate === 'any' ? '1' : step.tolerate.map((name) => `r[${index}] == -${ERRNO[name]}`).join(' || ') || '0';
    const fail =
      step.fail === undefined ? `return ${index + 1}` : `{ failed(${index + 1}, -r[${index}]); goto at_${step.fail.at}; }`;
    return [
      `  // ${step.purpose.replaceAll('\n', ' ')}`,
      ...before,
      `  r[${index}] = call(${[number, ...args, ...NOTHING.slice(args.length)].join(', ')});`,
      `  if (r[${index}] < 0 && !(${tolerated})) ${fail}${step.fail === undefined ? ';' : ''}`,
      ...(step.jump === undefined ? [] : [`  if (r[${index}] > 0) goto at_${this.#at(step.jump)};`]),
    ];
  }

  #at(label: Step['jump']): number {
    if (typeof label === 'number') throw new Error('a jump out of a program cannot be written in C');
    return label?.at ?? -1;
  }

  #value(argument: Argument, before: string[]): string {
    if (typeof argument === 'number') return `${argument}L`;
    if (typeof argument === 'string') return `(long)${quoted(argument)}`;
    if (argument instanceof Result) return `r[${argument.step}]`;
    if (argument instanceof Field) throw new Error('a step that changes a program cannot be written in C');
    if (argument instanceof Within) return `(long)(${this.#place(argument.memory)} + ${argument.offset})`;
    if (argument instanceof Stored) return `*(long *)${this.#value(argument.at, before)}`;
    if (argument instanceof Memory) return `(long)${this.#place(argument)}`;
    if (argument instanceof Words) {
      const name = `words_${this.#data.length}`;
      this.#data.push(`static long ${name}[${argument.words.length}];`);
      argument.words.forEach((word, i) => before.push(`  ${name}[${i}] = ${this.#value(word, before)};`));
      return `(long)${name}`;
    }
    if (argument instanceof Strings) {
      const list = new TextDecoder().decode(argument.bytes).split('\0').slice(0, argument.count);
      const name = `strings_${this.#data.length}`;
      this.#data.push(`static const char *const ${name}[] = {${[...list.map(quoted), '0'].join(', ')}};`);
      return `(long)${name}`;
    }
    return `${argument.value}L`;
  }

  #place(memory: Memory): string {
    const known = this.#memory.get(memory);
    if (known !== undefined) return known;
    const name = `memory_${this.#data.length}`;
    this.#memory.set(memory, name);
    this.#data.push(
      `static unsigned char ${name}[${Math.max(1, memory.bytes.length)}] __attribute__((aligned(8))) = {${memory.bytes.join(', ')}};`,
    );
    return name;
  }
}

function quoted(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return `"${bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
}
