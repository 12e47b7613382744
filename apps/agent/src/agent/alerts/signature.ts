import { createHmac } from 'node:crypto';

/**
 * `v1=<hex>`: HMAC-SHA256 over `<timestamp>.<body>`. A receiver computes the same over the body's bytes as they came, compares in
 * constant time, and refuses a timestamp (seconds since 1970) that is not of the last few minutes.
 */
export function signature(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
