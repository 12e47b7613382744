import { z } from 'zod';
import { utf8Length } from './utf8.ts';

/** MAX_ARG_STRLEN, 32 pages, without the NUL that ends a string (execve(2)). */
export const MAX_STRING_BYTES = 131_071;

/**
 * Of arguments, and of variables. A message has room for somewhat more; the kernel counts bytes (E2BIG), by default 2 MiB with
 * the pointers.
 */
export const MOST_STRINGS = 100_000;

/** Why a text cannot reach a process as it is; null: it can. */
export function whyNoUtf8String(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  if (!text.isWellFormed()) return 'contains half of a surrogate pair, which is no text in UTF-8';
  return utf8Length(text) > MAX_STRING_BYTES
    ? `the kernel takes at most ${MAX_STRING_BYTES} bytes (MAX_ARG_STRLEN) in one string`
    : null;
}

/** The argument vector of a new container. One check for all: a schema for each takes ten times as long. */
export const CommandWords = z
  .custom<string[]>((value) => Array.isArray(value) && value.every((one) => typeof one === 'string'), 'expected a list of words')
  .superRefine((words, context) => {
    if (words.length > MOST_STRINGS) {
      context.addIssue({ code: 'custom', message: `at most ${MOST_STRINGS} arguments` });
      return;
    }
    const wrong = words.findIndex((word) => whyNoUtf8String(word) !== null);
    if (wrong >= 0) context.addIssue({ code: 'custom', path: [wrong], message: whyNoUtf8String(words[wrong] ?? '') ?? '' });
  });
