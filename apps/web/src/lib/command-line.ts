/** What is wrong with a command line, as a sentence. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

/**
 * Words of a command line by the quoting rules of POSIX sh (2.2): blanks divide, single quotes keep all, double quotes keep
 * all but `\` before `$`, `` ` ``, `"`, `\`, and a bare `\` keeps the next character. Nothing is expanded: there is no shell.
 */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (char === "'" || char === '"') {
      const [text, end] = char === "'" ? singleQuoted(line, i) : doubleQuoted(line, i);
      word = (word ?? '') + text;
      i = end;
    } else if (char === '\\') {
      i += 1;
      if (i === line.length) throw new CommandLineError('A "\\" at the end has nothing to escape.');
      word = (word ?? '') + line.charAt(i);
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  return word === null ? words : [...words, word];
}

/** One line that `splitCommandLine` takes apart into these words again. */
export function joinCommandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

function singleQuoted(line: string, start: number): [string, number] {
  const end = line.indexOf("'", start + 1);
  if (end === -1) throw new CommandLineError('A single quote is not closed.');
  return [line.slice(start + 1, end), end];
}

function doubleQuoted(line: string, start: number): [string, number] {
  let text = '';
  for (let i = start + 1; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (char === '"') return [text, i];
    const escapes = char === '\\' && '$`"\\'.includes(line.charAt(i + 1)) && i + 1 < line.length;
    if (escapes) i += 1;
    text += line.charAt(i);
  }
  throw new CommandLineError('A double quote is not closed.');
}
