import { z } from 'zod';
import { MAX_STRING_BYTES, MOST_STRINGS, whyNoUtf8String } from './process-strings.ts';
import { utf8Length } from './utf8.ts';

/** Of a variable's name. Neither the kernel nor docker has such a limit beside that of the whole string. */
export const MAX_NAME_BYTES = 4096;

/**
 * Variables by their names. Not a z.record, which leaves out a variable of the name `__proto__`.
 */
export const Variables = z.custom<Record<string, string>>(isRecordOfStrings, 'expected an object with a text for each variable');

/**
 * The environment of a new container. As the kernel and docker have it, a name may contain anything but "=" and NUL: Java programs
 * and charts use dots, dashes and spaces.
 */
export const NewEnvironment = Variables.superRefine((variables, context) => {
  const all = Object.entries(variables);
  if (all.length > MOST_STRINGS) {
    context.addIssue({ code: 'custom', message: `at most ${MOST_STRINGS} variables` });
    return;
  }
  for (const [name, value] of all) {
    const message = whyNoVariable(name, value);
    if (message === null) continue;
    context.addIssue({ code: 'custom', path: [name], message });
    return;
  }
});

function whyNoVariable(name: string, value: string): string | null {
  if (name === '' || /[=\0]/.test(name)) {
    return 'a variable\'s name has one character or more, of any kind but "=" and NUL';
  }
  const bytes = utf8Length(name);
  if (bytes > MAX_NAME_BYTES) return `a variable's name has at most ${MAX_NAME_BYTES} bytes`;
  if (bytes + 1 + utf8Length(value) > MAX_STRING_BYTES) {
    return `the kernel takes at most ${MAX_STRING_BYTES} bytes (MAX_ARG_STRLEN) of a name, "=" and value together`;
  }
  return whyNoUtf8String(name) ?? whyNoUtf8String(value);
}

function isRecordOfStrings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}
