import type { ParseArgsConfig, parseArgs } from 'node:util';
import type { Context } from './context.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;

/** Several in the order of the list that they make together. */
type Fields = Readonly<Record<string, readonly string[]>>;

type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; strict: true; allowPositionals: true }>>;

/** One verb of the command line. */
export interface Verb {
  /** What follows the verb: `[options] CONTAINER…`. */
  usage: string;
  summary: string;
  options: Options;
  /** What each option means, by its long name. */
  optionHelp: Record<string, string>;
  /** Options by the field of a request that each sets; a word that is no option stands for what is no option: `NAME`. */
  fields: Fields;
  /** Headings, by the option that each stands above. */
  sections: Record<string, string>;
  /** Lines as they may be typed. */
  examples: readonly string[];
  /** The exit code of wrong usage; 2 unless the verb gives a command's own exit code. */
  usageExitCode: number;
  /** Whether everything from the first positional on belongs to a command that has options of its own. */
  takesCommand: boolean;
  run(values: never, positionals: string[], context: Context): Promise<number>;
}

interface Definition<O extends Options> {
  usage: string;
  summary: string;
  options: O;
  optionHelp: { [N in keyof O]: string };
  fields?: Fields;
  examples?: readonly string[];
  sections?: { [N in keyof O]?: string };
  usageExitCode?: number;
  takesCommand?: boolean;
  /** Resolves with the exit code. */
  run(values: Parsed<O>['values'], positionals: string[], context: Context): Promise<number>;
}

/** Ties a verb's code to the types of its options. */
export function defineVerb<const O extends Options>({
  usageExitCode = 2,
  takesCommand = false,
  sections = {},
  fields = {},
  examples = [],
  ...definition
}: Definition<O>): Verb {
  return { ...definition, fields, examples, usageExitCode, takesCommand, sections: sections as Record<string, string> };
}

/** With `--help`, and its `-h` where the verb has no other use for that: `run -h NAME` is docker's --hostname. */
export function withHelp(options: Options): Options {
  const isTaken = Object.values(options).some(({ short }) => short === 'h');
  return { ...options, help: { type: 'boolean', ...(!isTaken && { short: 'h' }) } };
}

/** Something was typed wrongly: one sentence that says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The value of an option was typed wrongly. */
export class OptionError extends UsageError {
  readonly option: string;
  readonly text: string;
  readonly why: string;

  /** `option` by its long name, `--memory`. */
  constructor(option: string, text: string, why: string) {
    super(`${option} "${text}": ${why}`);
    this.option = option;
    this.text = text;
    this.why = why;
  }
}

/** An option was typed, as `--name` or `-n`, that the verb does not have. */
export class UnknownOption extends UsageError {
  readonly option: string;
  /** Where it was typed: `-9` in `-90`. */
  readonly word: string;

  constructor(option: string, word = option) {
    super(`there is no option ${option}`);
    this.option = option;
    this.word = word;
  }
}

/** The positionals where at least one is needed. */
export function atLeastOne(positionals: string[], what: string): string[] {
  if (positionals.length === 0) throw new UsageError(`name ${what}`);
  return positionals;
}

/** The only positional. */
export function exactlyOne(positionals: string[], what: string): string {
  const [first, second] = positionals;
  if (first === undefined) throw new UsageError(`name ${what}`);
  if (second !== undefined) throw new UsageError(`name only ${what}: "${second}" is one word too many`);
  return first;
}

export function none(positionals: string[]): void {
  if (positionals[0] !== undefined) throw new UsageError(`"${positionals[0]}" is one word too many`);
}
