import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import { quoteName } from './import-report.ts';

/** NAME_MAX and PATH_MAX with its NUL (limits.h). */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4095;
/** Directories that an entry may lie in, below the root. */
export const MAX_DEPTH = 256;
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * The components of an entry's name as archives write it (`./usr/bin/`, `usr/bin`); none for the root itself. Throws
 * `bad-request` for a name that could lead out of `root` or that the kernel would not take below it.
 */
export function splitEntryName(name: string, root: string): string[] {
  const refuse = (why: string) => refuseEntry(name, why);
  if (name.startsWith('/')) throw refuse('has an absolute path');
  if (name.includes('\0')) throw refuse('has a NUL in its name');
  if (name.includes(REPLACEMENT_CHARACTER)) throw refuse('has a name that is not UTF-8');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse('has a ".." in its path');
  if (parts.length > MAX_DEPTH + 1) throw refuse(`lies more than ${MAX_DEPTH} directories deep`);
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES)) {
    throw refuse(`has a name of more than ${MAX_NAME_BYTES} bytes`);
  }
  if (Buffer.byteLength(join(root, ...parts)) > MAX_PATH_BYTES) throw refuse('has a path that is longer than the kernel takes');
  return parts;
}

export function refuseEntry(name: string, why: string): PlimsollError {
  return new PlimsollError('bad-request', `image entry ${quoteName(name)} ${why}`, {
    hint: 'Make the image anew from a plain tree.',
  });
}
