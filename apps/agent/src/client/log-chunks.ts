import type { Readable } from 'node:stream';
import { LogChunk, parse } from '@plimsoll/protocol';

/** The LogChunks of a stream of lines, until it ends or breaks off: only a chunk with `end` says that it is whole. */
export async function* logChunks(stream: Readable): AsyncGenerator<LogChunk> {
  let rest = '';
  stream.setEncoding('utf8');
  try {
    for await (const text of stream as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield parse(LogChunk, JSON.parse(line), 'log');
    }
  } catch (error) {
    // The connection was lost.
    if (!isNodeError(error)) throw error;
  }
}

function isNodeError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ABORT_ERR');
}
