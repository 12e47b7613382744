import type { IncomingMessage } from 'node:http';
import { MAX_MESSAGE_BYTES, PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';

/** The request's JSON. Throws `too-large` as soon as it is, and `bad-request` for anything else than JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // A form of another site can post text, but not this type without asking first.
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new PlimsollError('bad-request', 'the body must be of type application/json');
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new PlimsollError('too-large', `the body is larger than ${sizeInWords(MAX_MESSAGE_BYTES)}`);
    }
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    throw new PlimsollError('bad-request', 'the body is not JSON', { cause: error });
  }
}
