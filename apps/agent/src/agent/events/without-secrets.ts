import type { NewEvent } from './new-event.ts';

type Json = NewEvent['detail'][string];

const LONGEST = 1000;
const MOST_ENTRIES = 100;
const HIDDEN = '***';

/** Of a flag, a variable, a field or a label that a secret is usually given by. */
const SECRET_NAME = /pass(?:wd|word|phrase)?$|pwd$|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|auth$/i;
const WORD = 'passw(?:or)?d|passphrase|pwd|pass|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|auth';
const VALUE = String.raw`("[^"]*(?:"|$)|'[^']*(?:'|$)|\S+)`;
// Repetitions have bounds: whoever gives a command chooses the text, and backtracking would hold up everybody.
const ASSIGNED = new RegExp(String.raw`((?:${WORD})[\w.-]{0,32}\s{0,4}[=:]\s{0,4})${VALUE}`, 'gi');
/** `--token x` in a text that a shell is given. */
const IN_FLAG = new RegExp(String.raw`(--?[\w-]{0,32}(?:${WORD})[\w-]{0,32}\s{1,4})${VALUE}`, 'gi');
/** `scheme://user:password@host` (RFC 3986, 3.2.1). */
const IN_URL = /(:\/\/[^\s/:@]{0,128}):[^\s/@]{1,256}@/g;
const IN_HEADER = /\b(bearer|basic)\s{1,4}[\w.~+/=-]+/gi;

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
  const shown = words
    .slice(0, MOST_ENTRIES)
    .map((word, i) =>
      /^--?[\w-]+$/.test(words[i - 1] ?? '') && SECRET_NAME.test(words[i - 1] ?? '') ? HIDDEN : textWithout(word),
    );
  return shortened(shown, words.length);
}

function without(name: string, value: unknown): Json {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? HIDDEN : name === 'url' ? hostAlone(value) : textWithout(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const first = value.slice(0, MOST_ENTRIES).map((entry) => without(name, entry));
    return shortened(first, value.length);
  }
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.slice(0, MOST_ENTRIES).map(([key, entry]) => [key, without(key, entry)]));
}

/** Who knows the path of a webhook may often post to it. */
function hostAlone(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? HIDDEN : `${parsed.origin}/${HIDDEN}`;
}

/** A text that may have come from a command, too. */
export function textWithout(text: string): string {
  // Without the word that the cut goes through: half a secret may not look like one.
  const whole = text.length > LONGEST ? text.slice(0, LONGEST).replace(/\S{0,1000}$/, '') : text;
  const hidden = whole
    .replaceAll(IN_HEADER, `$1 ${HIDDEN}`)
    .replaceAll(IN_URL, `$1:${HIDDEN}@`)
    .replaceAll(IN_FLAG, `$1${HIDDEN}`)
    .replaceAll(ASSIGNED, `$1${HIDDEN}`);
  return text.length > LONGEST ? `${hidden}… (${text.length} characters)` : hidden;
}

function shortened(first: Json[], count: number): Json[] {
  return count <= first.length ? first : [...first, `… and ${count - first.length} more`];
}
