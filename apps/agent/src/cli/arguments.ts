import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type OptionError, UsageError, type Verb } from './verb.ts';

type Values = Record<string, unknown>;

/** Splits a verb's arguments into options and positionals. Throws UsageError. */
export function parseArguments(
  { options, takesCommand }: Verb,
  args: readonly string[],
): { values: Values; positionals: string[] } {
  const own = takesCommand ? args.slice(0, commandAt(options, args)) : args;
  const command = args.slice(own.length);
  try {
    const { values, positionals } = parseArgs({
      args: joinNegatives(options, own),
      options,
      strict: true,
      allowPositionals: true,
    });
    return { values, positionals: [...positionals, ...(command[0] === '--' ? command.slice(1) : command)] };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(firstSentence(error.message), { cause: error });
    throw error;
  }
}

/** A wrong option in its reader's own words: `-m "64": …` where that was typed for --memory. */
export function asTyped({ option, text, why }: OptionError, { options }: Verb, args: readonly string[]): string {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const token = tokens.find((one) => one.kind === 'option' && `--${one.name}` === option && one.value === text);
  return `${token?.kind === 'option' ? token.rawName : option} "${text}": ${why}`;
}

/** Where the first word stands that is neither an option nor an option's value: a command's own options are not ours. */
function commandAt(options: NonNullable<ParseArgsConfig['options']>, args: readonly string[]): number {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  return tokens.find(({ kind }) => kind !== 'option')?.index ?? args.length;
}

/** `--oom-score-adj -500`: a negative number is a value, though it begins as an option does. */
function joinNegatives(options: NonNullable<ParseArgsConfig['options']>, args: readonly string[]): string[] {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const joined = [...args];
  for (const token of tokens.toReversed()) {
    const isNegative = token.kind === 'option' && token.inlineValue === false && /^-\d/.test(token.value);
    if (isNegative && token.rawName.startsWith('--')) joined.splice(token.index, 2, `${token.rawName}=${token.value}`);
  }
  return joined;
}

/** Node explains at length how to pass a positional that begins with a dash. */
function firstSentence(message: string): string {
  const [first = message] = message.split(/\.(?:\s|$)/);
  return first.charAt(0).toLowerCase() + first.slice(1);
}
