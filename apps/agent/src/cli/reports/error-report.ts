import { ERRORS, errorInWords, withCommandName, type PlimsollError } from '@plimsoll/protocol';
import { typedName } from '../../command-link.ts';
import type { Context } from '../context.ts';
import { safe } from './terminal.ts';

/** One line on stderr: what happened, and what to do next. */
export function printError({ stderr }: Context, error: PlimsollError, nameOfField?: (field: string) => string): void {
  const { field, message, hint, id } = error;
  const words = errorInWords(error, nameOfField);
  // A field is called what it is called.
  const sentence = safe(field === undefined ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : words);
  const told = id !== undefined && !message.includes(id) ? `${sentence} (id ${id})` : sentence;
  stderr.write(`${hint === '' ? told : `${told}. ${safe(withCommandName(hint, typedName()))}`}\n`);
}

/** Of something that was typed wrongly, and that the agent has noticed: `typed` is what stands for the field. */
export function printRefusal({ stderr }: Context, error: PlimsollError, { name, typed }: { name: string; typed: string }): void {
  const next = error.hint === ERRORS['bad-request'].hint ? ` (see plimsoll ${name} --help)` : `. ${error.hint}`;
  stderr.write(`plimsoll ${name}: ${safe(`${errorInWords(error, () => typed)}${withCommandName(next, typedName())}`)}\n`);
}
