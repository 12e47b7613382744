import type { NewEvent } from './new-event.ts';

type Json = NewEvent['detail'][string];

const LONGEST = 1000;
const MOST_ENTRIES = 100;
const HIDDEN = '***';

/** Of a flag, a variable, a field or a label that a secret is usually given by. */
const SECRET_NAME = /pass(?:wd|word|phrase)?$|pwd$|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|auth$/i;
const ASSIGNED =
  /([\w.-]*(?:passw(?:or)?d|passphrase|pwd|pass|secret|token|credentials?|api[-_]?key|private[-_]?key|access[-_]?key|auth)[\w.-]*)(\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
/** `--token x` in a text that a shell is given. */
const IN_FLAG =
  /(--?[\w-]*(?:passw(?:or)?d|passphrase|secret|token|credentials?|api-?key|private-?key|access-?key)[\w-]*\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/gi;
/** `scheme://user:password@host` (RFC 3986, 3.2.1). */
const IN_URL = /(\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi;
const IN_HEADER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;

/**
 * A command's arguments as the log keeps them. Of the environment names alone: anything may be in a value. Elsewhere what goes
 * by the name of a secret is hidden; what is long is cut.
 */
export function withoutSecrets(args: Readonly<Record<string, unknown>>): Record<string, Json> {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(args)) {
    if (name === 'env') kept[name] = Object.keys(value ?? {});
    else if (name === 'command' && Array.isArray(value)) kept[name] = commandWithout(value.map(String));
    else if (value !== undefined) kept[name] = without(name, value);
  }
  return kept;
}

/** `--password x`: the value of such a flag is the next word. */
function commandWithout(words: readonly string[]): Json {
  const shown = words.map((word, i) =>
    /^--?[\w-]+$/.test(words[i - 1] ?? '') && SECRET_NAME.test(words[i - 1] ?? '') ? HIDDEN : textWithout(word),
  );
  return shortened(shown);
}

function without(name: string, value: unknown): Json {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? HIDDEN : textWithout(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return shortened(value.map((entry) => without(name, entry)));
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.slice(0, MOST_ENTRIES).map(([key, entry]) => [key, without(key, entry)]));
}

/** A text that may have come from a command, too. */
export function textWithout(text: string): string {
  const hidden = text
    .slice(0, 2 * LONGEST)
    .replaceAll(IN_HEADER, `$1 ${HIDDEN}`)
    .replaceAll(IN_URL, `$1:${HIDDEN}@`)
    .replaceAll(IN_FLAG, `$1${HIDDEN}`)
    .replaceAll(ASSIGNED, `$1$2${HIDDEN}`);
  return hidden.length > LONGEST ? `${hidden.slice(0, LONGEST)}… (${text.length} characters)` : hidden;
}

function shortened(entries: Json[]): Json[] {
  if (entries.length <= MOST_ENTRIES) return entries;
  return [...entries.slice(0, MOST_ENTRIES), `… and ${entries.length - MOST_ENTRIES} more`];
}
