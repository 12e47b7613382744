import { PlimsollError } from '@plimsoll/protocol';
import { asTyped, parseArguments } from './arguments.ts';
import type { Context } from './context.ts';
import { requireUtf8Words } from './own-bytes.ts';
import { complain, printError, printMisuse, printRefusal } from './reports/error-report.ts';
import { print } from './reports/terminal.ts';
import { OptionError, UnknownOption, UsageError, withHelp, type Verb } from './verb.ts';
import { findVerb } from './verbs.ts';

const USAGE_EXIT_CODE = 2;
/** What `run` answers with when the command in the container could not be found or executed; as docker and the shell do. */
const RUN_EXIT_CODES: Partial<Record<PlimsollError['code'], number>> = {
  'command-not-found': 127,
  'command-not-executable': 126,
};

/** Runs one command. Resolves with its exit code when all its output is written. */
export async function main(words: readonly string[], context: Context): Promise<number> {
  const found = findVerb(words);
  const verb = await found?.load();
  const exitCode =
    found === null || verb === undefined
      ? await withoutVerb(words, context)
      : await runVerb({ name: found.name, verb, args: found.args }, context);
  await context.flush();
  return await afterLoss(verb, exitCode, context);
}

/** The exit code, which is a failure where output could not be written. */
async function afterLoss(verb: Verb | undefined, exitCode: number, context: Context): Promise<number> {
  if (context.lossReason !== null) {
    complain(context, `plimsoll: output cannot be written: ${context.lossReason.message}`);
    await context.flush();
    if (exitCode === 0) return verb?.takesCommand === true ? verb.usageExitCode : context.lossExitCode;
  }
  return endsByLoss(verb, context) ? context.lossExitCode : exitCode;
}

async function withoutVerb(words: readonly string[], context: Context): Promise<number> {
  const [first = 'help', ...more] = words;
  const isHelp = (word: string | undefined) => word === '--help' || word === '-h';
  if (first === '--version' || first === '-v') return await main(['version'], context);
  const [{ help }, { unknownVerb }] = await Promise.all([import('./usage.ts'), import('./unknown/unknown.ts')]);
  try {
    // `plimsoll image --help` as well.
    if (isHelp(more[0])) print(context, await help([first]));
    else if (first === 'help' || isHelp(first)) print(context, await help(more));
    else throw unknownVerb(words);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    printMisuse(context, 'plimsoll', error.message);
    return USAGE_EXIT_CODE;
  }
}

async function runVerb(
  { name, verb, args }: { name: string; verb: Verb; args: readonly string[] },
  context: Context,
): Promise<number> {
  try {
    requireUtf8Words(args, context.ownBytes);
    const { values, positionals } = parseArguments({ ...verb, options: withHelp(verb.options) }, args);
    if (values['help'] === true) {
      const { describeVerb } = await import('./usage.ts');
      print(context, describeVerb(name, verb));
      return 0;
    }
    return await verb.run(values as never, positionals, context);
  } catch (error) {
    if (endsByLoss(verb, context)) return context.lossExitCode;
    if (error instanceof UsageError) {
      printMisuse(context, `plimsoll ${name}`, await inWords(error, { name, verb, args }));
      return verb.usageExitCode;
    }
    if (!(error instanceof PlimsollError)) throw error;
    const { typedFor } = await import('./options/field-option.ts');
    const typed = error.field === undefined ? null : typedFor(error.field, verb, args);
    if (error.code === 'bad-request' && typed !== null) {
      printRefusal(context, error, { name, typed });
      return verb.usageExitCode;
    }
    printError(context, error, (field) => typed ?? field);
    return verb.takesCommand ? (RUN_EXIT_CODES[error.code] ?? verb.usageExitCode) : 1;
  }
}

/** What was typed wrongly, in the words that were typed. */
async function inWords(
  error: UsageError,
  { name, verb, args }: { name: string; verb: Verb; args: readonly string[] },
): Promise<string> {
  if (error instanceof OptionError) return asTyped(error, verb, args);
  if (!(error instanceof UnknownOption)) return error.message;
  const { unknownOption } = await import('./unknown/unknown.ts');
  return unknownOption(name, verb, error);
}

/**
 * `plimsoll logs x | head` ends when its reader does, without an error. A verb that runs a command ends the command
 * first, and gives the command's exit code.
 */
function endsByLoss(verb: Verb | undefined, { outputLost }: Context): boolean {
  return outputLost.aborted && verb?.takesCommand !== true;
}
