import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers of a browser that never reach the agent: its credentials and its address. */
const OURS_TO_SET = [
  'cookie',
  'authorization',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/** Who asks, and from where. */
export interface Asking {
  session: string;
  address: string | undefined;
}

/**
 * The headers of a browser's request as the agent gets them: the cookies are replaced by the session's credential, and the
 * address is the connection's, whatever the browser says.
 */
export function requestHeaders(
  incoming: IncomingHttpHeaders,
  { session, address }: Asking,
  upgrade: boolean,
): OutgoingHttpHeaders {
  const headers = without(incoming, [...HOP_BY_HOP, ...OURS_TO_SET]);
  if (upgrade) Object.assign(headers, { connection: 'Upgrade', upgrade: 'websocket' });
  return { ...headers, authorization: `Bearer ${session}`, ...(address !== undefined && { 'x-forwarded-for': address }) };
}

/** The headers of the agent's answer as the browser gets them. */
export function responseHeaders(answered: IncomingHttpHeaders): OutgoingHttpHeaders {
  return without(answered, [...HOP_BY_HOP, 'set-cookie']);
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  // Connection may name further headers that are of this connection only.
  const listed = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name) && !listed.includes(name)));
}
