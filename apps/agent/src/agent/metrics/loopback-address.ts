import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { PlimsollError } from '@plimsoll/protocol';

export interface LoopbackAddress {
  host: string;
  /** 0: any free one. */
  port: number;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** `127.0.0.1:7071` or `[::1]:7071`. Null where it is not set. A name is none: what it stands for is not ours to say. */
export function loopbackAddress(variable: string, text: string | undefined): LoopbackAddress | null {
  if (text === undefined || text === '') return null;
  const [, v4, v6, digits] = text.match(/^(?:([\d.]+)|\[([\da-f:.]+)\]):(\d{1,5})$/i) ?? [];
  const [host, port] = [v4 ?? v6 ?? '', Number(digits)];
  if ((!isIPv4(host) && !isIPv6(host)) || port > 65_535 || Number.isNaN(port)) {
    throw refused(variable, text, 'it must be an address and a port');
  }
  if (!LOOPBACK.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')) {
    throw refused(variable, text, 'whoever reaches it needs no token, so it must be a loopback address');
  }
  return { host, port };
}

function refused(variable: string, text: string, reason: string): PlimsollError {
  return new PlimsollError('bad-request', `${variable} is ${JSON.stringify(text)}: ${reason}`, {
    hint: `Set it to 127.0.0.1:7071, for example; for Prometheus on another host put a proxy in front that asks who it is.`,
  });
}
