import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { PlimsollError, type WebhookAnswer } from '@plimsoll/protocol';
import { spanInWords } from '@plimsoll/protocol/quantities';
import { VERSION } from '../../version.ts';
import type { Delivery } from './delivery.ts';
import { signature } from './signature.ts';
import type { Pinned, WebhookAllowance } from './webhook-allowance.ts';

const DEADLINE_MS = 10_000;
/** Of an answer; what comes after is not read. */
const MOST_BYTES = 4096;
const SHOWN = 500;

export type Webhook = { url: string; secret: string };

/** One attempt. Never throws: what goes wrong is in the answer. Redirects are not followed. */
export async function postWebhook(
  { url, secret }: Webhook,
  delivery: Pick<Delivery, 'id' | 'body'>,
  allowance: WebhookAllowance,
): Promise<WebhookAnswer> {
  const began = performance.now();
  const tookMs = (): number => Math.round(performance.now() - began);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    const pinned = await orDeadline(allowance.resolve(url), deadline);
    const { status, text } = await send({ url, secret }, delivery, pinned, deadline);
    const delivered = status >= 200 && status < 300;
    return { delivered, status, problem: delivered ? null : problemOf(status), text, tookMs: tookMs() };
  } catch (error) {
    const problem = deadline.aborted ? `no answer within ${spanInWords(DEADLINE_MS)}` : describe(error);
    return { delivered: false, status: null, problem, text: '', tookMs: tookMs() };
  }
}

async function send(
  { url, secret }: Webhook,
  { id, body }: Pick<Delivery, 'id' | 'body'>,
  { address, family }: Pinned,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const timestamp = Math.floor(Date.now() / 1000);
  const pinned: LookupFunction = (_host, options, callback) =>
    options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const outgoing = request(url, {
    method: 'POST',
    // A connection of its own, which no other delivery may take for another address.
    agent: false,
    lookup: pinned,
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': `Plimsoll/${VERSION}`,
      'Plimsoll-Delivery': id,
      'Plimsoll-Timestamp': timestamp,
      'Plimsoll-Signature': signature(secret, timestamp, body),
    },
  });
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  outgoing.end(body);
  try {
    const response = await promise;
    return { status: response.statusCode ?? 0, text: await beginningOf(response) };
  } finally {
    outgoing.destroy();
  }
}

/** What breaks off later has answered all the same. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, MOST_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch {
    // The status has come.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, SHOWN);
}

/** A lookup cannot be called off. */
async function orDeadline<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  const passed = Promise.withResolvers<never>();
  const give = (): void => passed.reject(deadline.reason);
  deadline.addEventListener('abort', give);
  try {
    return await Promise.race([work, passed.promise]);
  } finally {
    deadline.removeEventListener('abort', give);
  }
}

function problemOf(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return `it answered ${status}${isRedirect ? ', and redirects are not followed' : ''}`;
}

function describe(error: unknown): string {
  if (error instanceof PlimsollError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
