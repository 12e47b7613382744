import { readFileSync } from 'node:fs';
import { isFile } from '../stores/set-aside.ts';
import { checkedLine, readCheckedLine } from './checked-line.ts';
import { replaceFile } from './write-in-place.ts';

/**
 * Replaces `path` by a checked line of JSON. Not synced: a kill of this process leaves the old content or the new, a power cut
 * may leave neither.
 */
export function writeCheckedFile(path: string, value: unknown): void {
  replaceFile(path, Buffer.from(checkedText(value)));
}

/** The line, its JSON padded with spaces to so many bytes where it is shorter: one of always the same length is overwritten in place. */
export function checkedText(value: unknown, bytes = 0): string {
  return checkedLine(JSON.stringify(value).padEnd(bytes)).toString();
}

/** Throws where there is none, or where it is not as it was written. A file from before there were checksums is bare JSON. */
export function readCheckedFile(path: string): unknown {
  return JSON.parse(checkedJson(path));
}

/** Whether it is as it was written. */
export function isSound(path: string): boolean {
  try {
    checkedJson(path);
    return true;
  } catch {
    return false;
  }
}

function checkedJson(path: string): string {
  if (!isFile(path)) throw new Error(`${path} is not a file`);
  const text = readFileSync(path, 'utf8');
  if (text.startsWith('{') || text.startsWith('[')) return text;
  const line = text.endsWith('\n') ? readCheckedLine(text.slice(0, -1)) : null;
  if (line === null) throw new Error(`${path} is damaged`);
  return line.json;
}
