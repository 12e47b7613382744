import { StringDecoder } from 'node:string_decoder';
import type { Context } from '../context.ts';
import { safe, write } from './terminal.ts';

type Stream = 'stdout' | 'stderr';

/** Passes a container's output on: byte for byte into a pipe or a file; made safe, as UTF-8, for a terminal. */
export class OutputPrinter {
  readonly #context: Context;
  readonly #decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };

  constructor(context: Context) {
    this.#context = context;
  }

  /** Resolves when the stream takes more. */
  async write(stream: Stream, bytes: Buffer): Promise<void> {
    const target = this.#context[stream];
    // The bytes are another's once this has resolved, while the stream may still hold them.
    await write(target, target.isTTY ? safeLines(this.#decoders[stream].write(bytes)) : Buffer.from(bytes));
  }

  /** Writes what is left of a character that was cut. */
  async end(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const target = this.#context[stream];
      if (target.isTTY) await write(target, safeLines(this.#decoders[stream].end()));
    }
  }
}

function safeLines(text: string): string {
  return text.split('\n').map(safe).join('\n');
}
