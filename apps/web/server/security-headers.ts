import { randomBytes } from 'node:crypto';

/**
 * Headers of every answer. Scripts and style elements need the nonce, which Next copies from the request's
 * Content-Security-Policy onto all that it renders. `style` attributes are let through: React renders them for sizes that
 * are data (the fill of a bar, the height of a virtual table), a nonce cannot cover them, and they load and run nothing.
 */
export function securityHeaders(): { csp: string; headers: Record<string, string> } {
  const nonce = randomBytes(16).toString('base64');
  const csp = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src-elem 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    csp,
    headers: {
      'Content-Security-Policy': csp,
      'X-Frame-Options': 'DENY',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  };
}
