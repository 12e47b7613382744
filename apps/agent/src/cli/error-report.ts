import { withCommandName, type PlimsollError } from '@plimsoll/protocol';
import { typedName } from '../command-link.ts';
import type { Context } from './context.ts';
import { safe } from './terminal.ts';

/** A sentence that begins with the field that it is about, `namespaces.pid: …`. */
const FIELD = /^[a-z][\w.-]*: /i;

/** One line on stderr: what happened, and what to do next. */
export function printError({ stderr }: Context, { message, hint, id }: PlimsollError): void {
  const sentence = safe(FIELD.test(message) ? message : `${message.charAt(0).toUpperCase()}${message.slice(1)}`);
  const told = id !== undefined && !message.includes(id) ? `${sentence} (id ${id})` : sentence;
  stderr.write(`${hint === '' ? told : `${told}. ${safe(withCommandName(hint, typedName()))}`}\n`);
}
