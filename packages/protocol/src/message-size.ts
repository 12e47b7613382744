import { PlimsollError } from './errors.ts';
import { sizeInWords } from './quantities/index.ts';
import { utf8Length } from './utf8.ts';

/** The largest message that a client may send, over socket.io and over HTTP. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** What the transport adds. */
const ENVELOPE_BYTES = 1024;

/** A command as JSON. Throws `too-large` for what the agent would end the connection for. */
export function commandText(message: object): string {
  const text = JSON.stringify(message);
  if (utf8Length(text) <= MAX_MESSAGE_BYTES - ENVELOPE_BYTES) return text;
  throw new PlimsollError('too-large', `the command is larger than ${sizeInWords(MAX_MESSAGE_BYTES)}`);
}
