import { z } from 'zod';

/** Of browsers and Node alike; this package has the types of neither. */
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

/** For so long a request id stands for one command: sent again within it, the command is not executed again. */
export const REQUEST_KEPT_MS = 600_000;

/**
 * A client's random id of one command, sent again with each repetition: `Idempotency-Key` over HTTP
 * (draft-ietf-httpapi-idempotency-key-header). Visible ASCII.
 */
export const RequestId = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'use 1 to 128 visible ASCII characters without spaces');

/** 128 random bits. `crypto.randomUUID` is not there on pages that came over plain http. */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
