import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, as 43 characters that need no escaping in a URL or a header. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is kept of a token in its stead, and looked up by. A look-up's time can tell something of the hashes that are
 * kept, which is no help towards a token that hashes to one.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
