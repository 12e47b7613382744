import type { LogLine } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { safeFor, write } from './terminal.ts';

/**
 * A container's stdout to stdout, its stderr to stderr, byte for byte into a pipe or a file. Neighbours of one stream go
 * out in one write. `before` is what stands before an entry. Output that was not recorded is reported by a line on stderr.
 */
export async function printLog(
  context: Context,
  lines: readonly LogLine[],
  before: (line: LogLine) => string = () => '',
): Promise<void> {
  let text = '';
  for (const [i, line] of lines.entries()) {
    const target = context[line.stream];
    text += before(line) + (line.gap ? 'plimsoll: ' : '') + safeFor(target, line.text) + (line.partial ? '' : '\n');
    if (lines[i + 1]?.stream === line.stream) continue;
    await write(target, text);
    text = '';
  }
}
