import { ABSENT_GLOBALS } from './absent-globals.ts';
import { ABSENT_OPTIONS } from './absent-options.ts';
import { ABSENT_PREFIXES, ABSENT_VERBS } from './absent-verbs.ts';
import { nearest } from './nearest.ts';
import { UsageError, type UnknownOption, type Verb } from '../verb.ts';
import { ALIASES, findVerb, VERBS } from '../verbs.ts';

/** `kill -9`, `kill -HUP`, as the shell's own has it. */
const SIGNAL = /^-(?:\d+|[A-Z][A-Z\d]+)$/;

/** What to say where words begin with no verb: what to write instead, or what was most likely meant. */
export function unknownVerb(words: readonly string[]): UsageError {
  if (words[0]?.startsWith('-') === true) return new UsageError(optionBeforeVerb(words[0]));
  const [first = '', second] = words.filter((word) => !word.startsWith('-'));
  const typed = second === undefined ? first : `${first} ${second}`;
  const absent = ofOthers(first, second);
  if (absent !== undefined) return new UsageError(absent);
  const verbs = [...VERBS.keys()].filter((known) => known.startsWith(`${first} `));
  if (verbs.length === 0) {
    const meant = nearest(first, [...VERBS.keys(), ...ALIASES.keys()].map(firstWord));
    return new UsageError(`there is no verb "${first}"${didYouMean(meant === undefined ? meant : withSecond(meant, second))}`);
  }
  if (second === undefined) return new UsageError(`say ${verbs.join(', ')}`);
  const meant = nearest(typed, verbs);
  const choice = meant === undefined ? `: say ${verbs.join(', ')}` : didYouMean(meant);
  return new UsageError(`there is no verb "${typed}"${choice}`);
}

/** Of an option that a verb does not have: the same. */
export function unknownOption(name: string, { options }: Verb, { option, word, message }: UnknownOption): string {
  if (name === 'kill' && SIGNAL.test(word)) return `there is no option ${word}: write -s ${word.slice(1)}`;
  const absent = saidOf(option, ABSENT_OPTIONS[ALIASES.get(name) ?? name] ?? {});
  if (absent !== undefined) return `${option} ${absent}`;
  const meant = option.startsWith('--') ? nearest(option.slice(2), Object.keys(options)) : undefined;
  return `${message}${didYouMean(meant === undefined ? undefined : `--${meant}`)}`;
}

function optionBeforeVerb(word: string): string {
  const [, option = word] = /^(--[^=]+|-[^-])/.exec(word) ?? [];
  return `there is no option "${option}" before a verb: ${saidOf(option, ABSENT_GLOBALS) ?? 'options follow the verb that they are of'}`;
}

/** Of rows by several names each. */
function saidOf(option: string, rows: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(rows).find(([names]) => names.split(', ').includes(option))?.[1];
}

/** A verb that docker or podman have: `container rm` too, and `image pull`. */
function ofOthers(first: string, second: string | undefined): string | undefined {
  const both = `${first} ${second ?? ''}`;
  if (Object.hasOwn(ABSENT_VERBS, both)) return `${both} ${ABSENT_VERBS[both]}`;
  if (second !== undefined && ABSENT_PREFIXES.includes(first)) {
    if (first !== 'image' && findVerb([second]) !== null) return `${both} is \`plimsoll ${second}\` here`;
    if (Object.hasOwn(ABSENT_VERBS, second)) return `${both} ${ABSENT_VERBS[second]}`;
  }
  return Object.hasOwn(ABSENT_VERBS, first) ? `${first} ${ABSENT_VERBS[first]}` : undefined;
}

function firstWord(name: string): string {
  return name.split(' ', 1)[0] ?? name;
}

/** `imgae ls` is most likely `image ls`. */
function withSecond(first: string, second: string | undefined): string {
  const both = `${first} ${second ?? ''}`;
  return VERBS.has(both) ? both : first;
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `: did you mean ${meant}?`;
}
