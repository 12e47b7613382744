import { unknownVerb } from './unknown.ts';
import type { Verb } from './verb.ts';
import { ALIASES, findVerb, VERBS } from './verbs.ts';

/** `plimsoll help`, or of one verb. Throws UsageError for a word that is none. */
export async function help(words: readonly string[]): Promise<string> {
  if (words.length === 0) return await overview();
  const found = findVerb(words);
  if (found === null) throw unknownVerb(words);
  return describeVerb(found.name, await found.load());
}

/** Every verb in a line. */
async function overview(): Promise<string> {
  const verbs = await Promise.all([...VERBS].map(async ([name, load]) => ({ name, summary: (await load()).summary })));
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    'Runs Linux containers straight from the kernel.',
    '',
    'Usage: plimsoll VERB …',
    '',
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`),
    '',
    `The same by other names: ${[...ALIASES].map(([alias, name]) => `${alias} is ${name}`).join(', ')}.`,
    '',
    'plimsoll VERB --help tells of one of them. PLIMSOLL_ROOT chooses another Plimsoll on this host.',
  ].join('\n');
}

/** `plimsoll VERB --help`. */
export function describeVerb(name: string, { usage, summary, options, optionHelp, sections }: Verb): string {
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
  ].join('\n');
}
