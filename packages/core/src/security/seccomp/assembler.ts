import { BPF_MAXINSNS, CLASSIC, MAX_CONDITIONAL_JUMP, SOCK_FILTER_BYTES } from '../../abi/bpf-classic.ts';

/** Where an instruction stands: how many there are from it to the end of the program, itself included. */
export type Place = number;

interface Instruction {
  readonly code: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly k: number;
}

/** Thrown for a program of more instructions than the kernel takes. */
export class ProgramTooLong extends Error {
  override readonly name = 'ProgramTooLong';
  constructor(instructions: number) {
    super(`is ${instructions} instructions as a filter; the kernel takes ${BPF_MAXINSNS}`);
  }
}

/**
 * Writes a classic BPF program from its end to its beginning. Jumps go forward alone, so that every target stands by the
 * time that somebody jumps there, and the distance is known: a conditional jump, of 8 bits, that is too short for it goes
 * to an unconditional one right behind it.
 */
export class Assembler {
  readonly #backwards: Instruction[] = [];
  /** The nearest return of each value. */
  readonly #returns = new Map<number, Place>();

  /** The latest instruction, which is the next one's successor. */
  get here(): Place {
    return this.#backwards.length;
  }

  /** A return of `value` that a conditional jump from here reaches: one that stands already, or a new one. */
  answer(value: number): Place {
    const known = this.#returns.get(value);
    if (known !== undefined && this.#distance(known) <= MAX_CONDITIONAL_JUMP) return known;
    const place = this.#add({ code: CLASSIC.RET, whenTrue: 0, whenFalse: 0, k: value });
    this.#returns.set(value, place);
    return place;
  }

  /** JEQ, JGT or JGE: A against k, unsigned. */
  branch(code: number, k: number, whenTrue: Place, whenFalse: Place): Place {
    let to = this.#reachable(whenTrue);
    const orElse = this.#reachable(whenFalse);
    // The second stepping stone has moved the first target by one.
    to = this.#reachable(to);
    return this.#add({ code, whenTrue: this.#distance(to), whenFalse: this.#distance(orElse), k });
  }

  /** LD_W_ABS or AND; what comes next is the latest instruction. */
  step(code: number, k: number): Place {
    return this.#add({ code, whenTrue: 0, whenFalse: 0, k });
  }

  /** struct sock_filter[]; the first instruction is the one that was written last. */
  program(): Uint8Array {
    const count = this.#backwards.length;
    if (count > BPF_MAXINSNS) throw new ProgramTooLong(count);
    const bytes = new Uint8Array(count * SOCK_FILTER_BYTES);
    const view = new DataView(bytes.buffer);
    this.#backwards.toReversed().forEach(({ code, whenTrue, whenFalse, k }, i) => {
      const at = i * SOCK_FILTER_BYTES;
      view.setUint16(at, code, true);
      view.setUint8(at + 2, whenTrue);
      view.setUint8(at + 3, whenFalse);
      view.setUint32(at + 4, k, true);
    });
    return bytes;
  }

  #add(instruction: Instruction): Place {
    return this.#backwards.push(instruction);
  }

  /** How many instructions the next one would skip to get there. */
  #distance(to: Place): number {
    return this.#backwards.length - to;
  }

  #reachable(to: Place): Place {
    if (this.#distance(to) <= MAX_CONDITIONAL_JUMP) return to;
    const target = this.#backwards[to - 1];
    if (target?.code === CLASSIC.RET) return this.answer(target.k);
    return this.#add({ code: CLASSIC.JA, whenTrue: 0, whenFalse: 0, k: this.#distance(to) });
  }
}
