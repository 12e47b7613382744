import { parseArgs } from 'node:util';
import { withHelp, type Verb } from '../verb.ts';
import { ALIASES, findVerb, VERBS } from '../verbs.ts';
import { POSITIONALS, VALUES, type Source } from './sources.ts';

/** A word that may be typed, and what it does. */
export interface Candidate {
  text: string;
  about?: string;
}

/** What may stand where the cursor is. */
export interface Wanted {
  /** The part of the word that stays before each candidate of the sources: `--image=`. */
  prefix: string;
  sources: readonly Source[];
  candidates: readonly Candidate[];
  /** Words that were typed already. */
  except: readonly string[];
}

const NOTHING: Wanted = { prefix: '', sources: [], candidates: [], except: [] };

/** Of the words after `plimsoll`, the last of which is being typed. */
export async function wantedAt(words: readonly string[]): Promise<Wanted> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const [first, ...more] = before;
  if (first === undefined) return { ...NOTHING, candidates: await verbWords(null) };
  if (first === 'help') return { ...NOTHING, candidates: await verbWords(more[0] ?? null) };
  const found = findVerb(before);
  if (found === null) return before.length === 1 ? { ...NOTHING, candidates: await verbWords(first) } : NOTHING;
  const name = ALIASES.get(found.name) ?? found.name;
  return ofVerb(name, await found.load(), { args: found.args, current });
}

/** First words of verbs, or the second ones after a first. */
async function verbWords(first: string | null): Promise<Candidate[]> {
  const names = [...VERBS.keys(), ...ALIASES.keys(), 'help'];
  const words =
    first === null ? names : names.filter((name) => name.startsWith(`${first} `)).map((name) => name.slice(first.length + 1));
  return await Promise.all(
    [...new Set(words.map((word) => word.split(' ', 1)[0] ?? word))].map(async (text) => {
      const name = first === null ? text : `${first} ${text}`;
      const verb = await VERBS.get(ALIASES.get(name) ?? name)?.();
      return verb === undefined ? { text } : { text, about: verb.summary };
    }),
  );
}

interface Typed {
  args: readonly string[];
  current: string;
}

function ofVerb(name: string, verb: Verb, { args, current }: Typed): Wanted {
  const options = withHelp(verb.options);
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const isOver = tokens.some(({ kind }) => kind === 'option-terminator');
  if (verb.takesCommand && (isOver || words.length > 0)) return NOTHING;
  const last = tokens.at(-1);
  if (!isOver && last?.kind === 'option' && last.value === undefined && options[last.name]?.type === 'string') {
    return { ...NOTHING, sources: VALUES[name]?.[last.name] ?? [] };
  }
  if (!isOver && current.startsWith('-')) return ofOption(name, { options, optionHelp: verb.optionHelp }, current);
  const all = POSITIONALS[name] ?? [];
  const source = all[Math.min(words.length, all.length - 1)] ?? null;
  return source === null ? NOTHING : { ...NOTHING, sources: [source], except: words };
}

function ofOption(name: string, { options, optionHelp }: Pick<Verb, 'options' | 'optionHelp'>, current: string): Wanted {
  const [, long, value] = /^--([^=]+)(=)/.exec(current) ?? [];
  if (long !== undefined && value !== undefined) {
    return { ...NOTHING, prefix: `--${long}=`, sources: VALUES[name]?.[long] ?? [] };
  }
  const candidates = Object.entries(options).flatMap(([option, { short }]) => {
    const about = optionHelp[option] ?? 'what the verb does, and its options';
    return [{ text: `--${option}`, about }, ...(short === undefined ? [] : [{ text: `-${short}`, about }])];
  });
  return { ...NOTHING, candidates: current === '-' ? candidates : candidates.filter(({ text }) => text.startsWith('--')) };
}
