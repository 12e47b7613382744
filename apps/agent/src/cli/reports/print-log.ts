import type { LogLine } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { safe, write } from './terminal.ts';

/**
 * A container's stdout to stdout, its stderr to stderr, byte for byte into a pipe or a file. Neighbours of one stream go
 * out in one write. `before` is what stands before an entry. Output that was not recorded is reported by a line on stderr.
 */
export async function printLog(
  context: Context,
  lines: readonly LogLine[],
  before: (line: LogLine) => string = () => '',
): Promise<void> {
  let content = new Content();
  for (const [i, line] of lines.entries()) {
    const target = context[line.stream];
    content.add(before(line) + (line.gap ? 'plimsoll: ' : ''));
    if (target.isTTY) content.add(safe(line.text));
    else content.add(line.bytes === undefined ? line.text : Buffer.from(line.bytes, 'base64'));
    if (!line.partial) content.add('\n');
    if (lines[i + 1]?.stream === line.stream) continue;
    await write(target, content.bytes);
    content = new Content();
  }
}

/** Mostly text, which is joined as such. */
class Content {
  #parts: Buffer[] = [];
  #text = '';

  add(part: string | Buffer): void {
    if (typeof part === 'string') this.#text += part;
    else this.#parts.push(Buffer.from(this.#takeText()), part);
  }

  get bytes(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.from(this.#text)]);
  }

  #takeText(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
