import { unknownVerb } from './unknown/unknown.ts';
import type { Verb } from './verb.ts';
import { ALIASES, findVerb, HEADINGS, VERBS } from './verbs.ts';

/** `plimsoll help`, of one verb, or of all that begin with one word. Throws UsageError for a word that is none. */
export async function help(words: readonly string[]): Promise<string> {
  if (words.length === 0) return await overview();
  const found = findVerb(words);
  if (found !== null) return describeVerb(found.name, await found.load());
  const rows = (await allVerbs()).filter(({ name }) => words.length === 1 && name.startsWith(`${words[0]} `));
  if (rows.length === 0) throw unknownVerb(words);
  return [`Usage: plimsoll ${words[0]} VERB …`, '', ...linesOf(rows)].join('\n');
}

interface Row {
  name: string;
  /** With its other names. */
  left: string;
  summary: string;
}

async function allVerbs(): Promise<Row[]> {
  return await Promise.all(
    [...VERBS].map(async ([name, load]) => {
      const aliases = [...ALIASES].flatMap(([alias, meant]) => (meant === name ? [alias] : []));
      return { name, left: [name, ...aliases].join(', '), summary: (await load()).summary };
    }),
  );
}

function linesOf(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, summary }) => `  ${left.padEnd(width)}   ${summary}`);
}

/** Every verb in a line. */
async function overview(): Promise<string> {
  const rows = await allVerbs();
  const lines = linesOf(rows).flatMap((line, i) => {
    const heading = HEADINGS.get(rows[i]?.name ?? '');
    return heading === undefined ? [line] : ['', heading, line];
  });
  return [
    'Runs Linux containers straight from the kernel.',
    '',
    'Usage: plimsoll VERB …',
    ...lines,
    '',
    'plimsoll VERB --help tells of one of them. PLIMSOLL_ROOT chooses another Plimsoll on this host.',
  ].join('\n');
}

/** `plimsoll VERB --help`. */
export function describeVerb(name: string, { usage, summary, options, optionHelp, sections, examples }: Verb): string {
  const rows = Object.entries(optionHelp).map(([long, text]) => {
    const option = options[long];
    const short = option?.short === undefined ? '    ' : `-${option.short}, `;
    return { long, left: `${short}--${long}${option?.type === 'string' ? ' …' : ''}`, text };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `Usage: plimsoll ${name} ${usage}`.trimEnd(),
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(rows.length > 0 ? [''] : []),
    ...rows.flatMap(({ long, left, text }) => {
      const heading = sections[long];
      return [...(heading === undefined ? [] : ['', heading]), `  ${left.padEnd(width)}   ${text}`];
    }),
    ...(examples.length > 0 ? ['', 'Examples'] : []),
    ...examples.map((line) => `  plimsoll ${line}`),
  ].join('\n');
}
