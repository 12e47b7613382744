import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { UsageError } from './verb.ts';

/** What Node puts in the place of bytes that are not UTF-8. It is a character that can be typed as well. */
const REPLACEMENT = '\uFFFD';

/** The bytes that the process was executed with, of which Node's `argv` and `env` are a reading (proc_pid_cmdline(5), proc_pid_environ(5)). */
export type OwnBytes = (file: 'cmdline' | 'environ') => Buffer;

export const ownBytes: OwnBytes = (file) => readFileSync(`/proc/self/${file}`);

/** Throws UsageError for a word that Node has altered: the container would have other bytes than were typed. */
export function requireUtf8Words(words: readonly string[], bytes: OwnBytes): void {
  if (!words.some((word) => word.includes(REPLACEMENT))) return;
  const typed = strings(bytes('cmdline')).slice(-words.length);
  const wrong = typed.find((word) => !isUtf8(word));
  if (wrong !== undefined) throw new UsageError(`"${escaped(wrong)}" is not UTF-8, and is passed on as UTF-8 alone`);
}

/** Whether a variable's value is what the process was executed with. */
export function isUnaltered(name: string, value: string, bytes: OwnBytes): boolean {
  if (!value.includes(REPLACEMENT)) return true;
  const beginning = Buffer.from(`${name}=`);
  // getenv(3) takes the first of several.
  const entry = strings(bytes('environ')).find((one) => one.subarray(0, beginning.length).equals(beginning));
  return entry === undefined || isUtf8(entry);
}

/** Bytes as text, `caf\xe9`. */
function escaped(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -~]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Each string before a NUL. */
function strings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    found.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return found;
}
