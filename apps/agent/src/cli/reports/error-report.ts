import { ERRORS, errorInWords, withCommandName, type PlimsollError } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { safe } from './terminal.ts';

/** One line on stderr: what happened, and what to do next. */
export function printError(context: Context, error: PlimsollError, nameOfField?: (field: string) => string): void {
  const { field, message, hint, id } = error;
  const words = errorInWords(error, nameOfField);
  // A field is called what it is called.
  const sentence = field === undefined ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : words;
  const told = id !== undefined && !message.includes(id) ? `${sentence} (id ${id})` : sentence;
  complain(context, hint === '' ? told : `${told}. ${hint}`);
}

/** Of something that was typed wrongly, and that the agent has noticed: `typed` is what stands for the field. */
export function printRefusal(context: Context, error: PlimsollError, { name, typed }: { name: string; typed: string }): void {
  const sentence = errorInWords(error, () => typed);
  if (error.hint === ERRORS['bad-request'].hint) printMisuse(context, `plimsoll ${name}`, sentence);
  else complain(context, `plimsoll ${name}: ${sentence}. ${error.hint}`);
}

/** Of something that was typed wrongly. `of`: `plimsoll`, or with its verb. */
export function printMisuse(context: Context, of: string, sentence: string): void {
  const help = of === 'plimsoll' ? 'help' : `${of.slice('plimsoll '.length)} --help`;
  complain(context, `${of}: ${sentence} (see \`plimsoll ${help}\`)`);
}

/** One line on stderr; commands in it, between backticks, are as they are typed on this host. */
export function complain({ stderr, commandName }: Context, text: string): void {
  stderr.write(`${withCommandName(safe(text), commandName)}\n`);
}
