import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type OptionError, UnknownOption, UsageError, type Verb } from './verb.ts';

type Values = Record<string, unknown>;
type Options = NonNullable<ParseArgsConfig['options']>;

/** Splits a verb's arguments into options and positionals; those of a command keep the `--` before it. Throws UsageError. */
export function parseArguments(
  { options, takesCommand }: Verb,
  args: readonly string[],
): { values: Values; positionals: string[] } {
  const own = takesCommand ? args.slice(0, commandAt(options, args)) : args;
  const command = args.slice(own.length);
  try {
    const { values, positionals } = parseArgs({
      args: plain(options, own),
      options,
      strict: true,
      allowPositionals: true,
    });
    return { values, positionals: [...positionals, ...command] };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError('the options cannot be understood', { cause: error });
    throw error;
  }
}

/** A wrong option in its reader's own words: `-m "64": …` where that was typed for --memory. */
export function asTyped({ option, text, why }: OptionError, { options }: Verb, args: readonly string[]): string {
  const token = tokensOf(options, args).find((one) => one.kind === 'option' && `--${one.name}` === option && one.value === text);
  return `${token?.kind === 'option' ? token.rawName : option} "${text}": ${why}`;
}

/** Where the first word stands that is neither an option nor an option's value: a command's own options are not ours. */
function commandAt(options: Options, args: readonly string[]): number {
  return tokensOf(options, args).find(({ kind }) => kind !== 'option')?.index ?? args.length;
}

/** The same arguments, all of which Node accepts: what Node would refuse is refused here, with an error that names the option. */
function plain(options: Options, args: readonly string[]): string[] {
  const words = spelled(options, args);
  const tokens = rawTokens(options, words).filter((token) => token.kind === 'option');
  for (const { name, rawName, index } of tokens) {
    if (!Object.hasOwn(options, name)) throw new UnknownOption(rawName, args[index]);
  }
  for (const { name, rawName, value, inlineValue, index } of tokens.toReversed()) {
    if (options[name]?.type === 'boolean') {
      if (value === undefined) continue;
      // `--rm=false`, as docker takes it.
      if (value !== 'true' && value !== 'false') throw new UsageError(`${rawName} is said or left out: it takes no value`);
      words.splice(index, 1, ...(value === 'true' ? [rawName] : []));
    } else if (value === undefined || (value === '=' && inlineValue && !rawName.startsWith('--'))) {
      throw new UsageError(`${rawName} needs a value`);
    } else if (!inlineValue && value.startsWith('-') && value !== '-') {
      // `--oom-score-adj -500`: a negative number is a value, though it begins as an option does.
      if (!/^-\d/.test(value) || args[index] !== rawName) throw new UsageError(needsValue(rawName, value));
      words.splice(index, 2, rawName.startsWith('--') ? `${rawName}=${value}` : `${rawName}${value}`);
    }
  }
  return words;
}

function needsValue(rawName: string, value: string): string {
  const joined = rawName.startsWith('--') ? `${rawName}=${value}` : `${rawName}${value}`;
  return `${rawName} needs a value: write ${joined} where "${value}" is meant`;
}

export function tokensOf(options: Options, args: readonly string[]) {
  return rawTokens(options, spelled(options, args));
}

function rawTokens(options: Options, args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** `-m=64m` and `-d=true`, which docker takes as well, as Node takes them: `-m64m`, `--detach=true`. A word stays a word. */
function spelled(options: Options, args: readonly string[]): string[] {
  const words = [...args];
  for (const token of rawTokens(options, args)) {
    if (token.kind !== 'option' || token.rawName.startsWith('--')) continue;
    const word = words[token.index] ?? '';
    if (token.inlineValue && token.value.startsWith('=') && token.value !== '=') words[token.index] = word.replace('=', '');
    const isSwitch = options[token.name]?.type === 'boolean' && word.startsWith(`${token.rawName}=`);
    if (isSwitch) words[token.index] = word.replace(token.rawName, `--${token.name}`);
  }
  return words;
}
