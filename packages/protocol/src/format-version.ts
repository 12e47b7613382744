import { z } from 'zod';
import { PlimsollError } from './errors.ts';

/**
 * Of something stored or sent. A newer minor version adds fields and kinds that older readers may pass over: they read it, and
 * keep what they do not know. A newer major version has changed what is there: older readers refuse it.
 */
export const FormatVersion = z.object({ major: z.int().min(1), minor: z.int().min(0) });
export type FormatVersion = z.infer<typeof FormatVersion>;

/** What a reader makes of data that name no version: those were written before there were any. */
export const FIRST_VERSION: FormatVersion = { major: 1, minor: 0 };

export function isNewer(found: FormatVersion, known: FormatVersion): boolean {
  return found.major > known.major || (found.major === known.major && found.minor > known.minor);
}

/** Throws `newer-version` where `what` is of a major version that this program does not know. */
export function requireReadable(what: string, found: FormatVersion, known: FormatVersion): void {
  if (found.major <= known.major) return;
  throw new PlimsollError(
    'newer-version',
    `${what} has version ${versionInWords(found)} of its format; this Plimsoll reads ${known.major}.x and older`,
  );
}

export function versionInWords({ major, minor }: FormatVersion): string {
  return `${major}.${minor}`;
}
