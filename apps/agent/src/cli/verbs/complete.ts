import { setTimeout as delay } from 'node:timers/promises';
import { connectAgent } from '../agent-connection.ts';
import { LOOK_UPS } from '../completion/look-up.ts';
import { wantedAt, type Candidate, type Wanted } from '../completion/wanted.ts';
import type { Context } from '../context.ts';
import { safe, write } from '../reports/terminal.ts';
import { defineVerb } from '../verb.ts';

/** A key was pressed: an agent that does not answer in time is as good as none. */
const DEADLINE_MS = 2000;
/** Makes the shell complete file names. No candidate begins with a colon. */
const FILES = ':files';

/** What the shells' scripts ask (completion/scripts.ts): a candidate a line, with a tab and what it is. Of no help to people. */
export const complete = defineVerb({
  usage: '-- WORD…',
  summary: 'print what may be typed where the cursor is',
  options: {},
  optionHelp: {},
  takesCommand: true,
  usageExitCode: 0,
  async run(_, words, context) {
    try {
      const typed = words[0] === '--' ? words.slice(1) : words;
      const wanted = await wantedAt(typed);
      const lines = linesOf([...wanted.candidates, ...(await lookUp(context, wanted))], wanted, typed.at(-1) ?? '');
      await write(context.stdout, lines.map((line) => `${line}\n`).join(''));
    } catch {
      // A shell shows no errors while it completes a word.
    }
    return 0;
  },
});

async function lookUp(context: Context, { sources }: Wanted): Promise<Candidate[]> {
  const found = sources.map(async (source): Promise<Candidate[]> => {
    if (typeof source === 'object') return source.map((text) => ({ text }));
    if (source === 'files') return [{ text: FILES }];
    if (source === 'seccomp-profiles') return [];
    try {
      using client = connectAgent(context);
      const late = new AbortController();
      const answered = LOOK_UPS[source](client).finally(() => late.abort());
      return await Promise.race([answered, delay(DEADLINE_MS, [], { signal: late.signal })]);
    } catch {
      return [];
    }
  });
  return (await Promise.all(found)).flat();
}

function linesOf(candidates: readonly Candidate[], { prefix, sources, except }: Wanted, current: string): string[] {
  const typed = current.slice(prefix.length);
  const lines = candidates.flatMap(({ text, about }) => {
    if (text === FILES) return [FILES];
    // What is open goes on: `status=` itself is no answer to `status=`.
    if (!text.startsWith(typed) || except.includes(text) || (text === typed && /[=:]$/.test(text))) return [];
    const word = `${prefix}${text}`;
    return [about === undefined ? word : `${word}\t${safe(about).replaceAll('\t', ' ')}`];
  });
  const isPath =
    (sources.includes('volume-mounts') && /^[./~]/.test(typed)) ||
    (sources.includes('seccomp-profiles') && typed.startsWith('seccomp='));
  return isPath ? [...lines, FILES] : lines;
}
