import type { Verb } from './verb.ts';

/** `plimsoll help`: every verb in a line. */
export function overview(verbs: ReadonlyMap<string, Verb>): string {
  const width = Math.max(...Array.from(verbs.keys(), (name) => name.length));
  return [
    'Runs Linux containers straight from the kernel.',
    '',
    'Usage: plimsoll VERB …',
    '',
    ...Array.from(verbs, ([name, { summary }]) => `  ${name.padEnd(width)}   ${summary}`),
    '',
    'plimsoll VERB --help tells of one of them. PLIMSOLL_ROOT chooses another Plimsoll on this host.',
  ].join('\n');
}

/** `plimsoll VERB --help`. */
export function describeVerb(name: string, { usage, summary, options, optionHelp, sections }: Verb): string {
  const rows = Object.entries(optionHelp).map(([long, help]) => {
    const option = options[long];
    const short = option?.short === undefined ? '    ' : `-${option.short}, `;
    return { long, left: `${short}--${long}${option?.type === 'string' ? ' …' : ''}`, help };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `Usage: plimsoll ${name} ${usage}`.trimEnd(),
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(rows.length > 0 ? [''] : []),
    ...rows.flatMap(({ long, left, help }) => {
      const heading = sections[long];
      return [...(heading === undefined ? [] : ['', heading]), `  ${left.padEnd(width)}   ${help}`];
    }),
  ].join('\n');
}
