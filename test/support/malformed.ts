import { COMMANDS, CommandMessage, isVerb, type Verb } from '@plimsoll/protocol';

const VERBS = Object.keys(COMMANDS) as Verb[];
const FIELDS = [
  'container',
  'containers',
  'signal',
  'timeoutMs',
  'attended',
  'name',
  'command',
  'limits',
  'env',
  'image',
  'group',
  'force',
  'graceMs',
  'workdir',
  'args',
  'verb',
];
const DEPTH = 3;

/** Messages that no client of ours sends, of every kind: wrong verbs, wrong types, too much, too deep, names with a meaning to JavaScript. */
export class Malformed {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** JSON that is not a command: by the schemas themselves. */
  command(): unknown {
    for (;;) {
      const message = this.#random() < 0.2 ? this.value() : { verb: this.#verb(), args: this.value() };
      const parsed = CommandMessage.safeParse(message);
      const valid =
        parsed.success && isVerb(parsed.data.verb) && COMMANDS[parsed.data.verb].args.safeParse(parsed.data.args).success;
      if (!valid) return message;
    }
  }

  /** Any JSON value. */
  value(depth = 0): unknown {
    const kinds = [
      () => null,
      () => this.#random() < 0.5,
      () => Math.floor((this.#random() - 0.5) * 2 ** 54),
      () => this.#random() * 1e-9,
      () => this.text(),
      () => Array.from({ length: this.#upTo(4) }, () => this.value(depth + 1)),
      () => Object.fromEntries(Array.from({ length: this.#upTo(5) }, () => [this.#field(), this.value(depth + 1)])),
      () => JSON.parse('{"__proto__": {"verb": "host.shutdown"}, "constructor": 1}') as unknown,
    ];
    return this.#pick(depth < DEPTH ? kinds : kinds.slice(0, 5))();
  }

  text(): string {
    return this.#pick([
      '',
      'base',
      '../../etc/passwd',
      '/proc/self/fd/7',
      'a\0b',
      '\u{1f40b}',
      '\ud800',
      '$(reboot)',
      '__proto__',
      'x'.repeat(this.#upTo(5000)),
      String.fromCharCode(...Array.from({ length: this.#upTo(20) }, () => this.#upTo(0xffff))),
    ]);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#upTo(256)));
  }

  #verb(): unknown {
    return this.#random() < 0.7 ? this.#pick(VERBS) : this.value(DEPTH);
  }

  #field(): string {
    return this.#random() < 0.8 ? this.#pick(FIELDS) : this.text();
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#upTo(from.length)] as T;
  }
}
