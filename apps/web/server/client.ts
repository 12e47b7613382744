import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Where a request comes from, as far as it is known from the connection or from a proxy that is trusted. */
export interface Client {
  address: string | undefined;
  /** Over TLS, at least from the browser to the proxy. */
  isSecure: boolean;
}

/** What only a trusted proxy may say. Nothing behind this server sees it. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip'];

/** `127.0.0.1, 10.0.0.0/8`. Throws an Error with a sentence for a person. */
export function parseProxies(name: string, text = ''): BlockList {
  const proxies = new BlockList();
  for (const entry of listed(text)) {
    const [address = '', bits, ...rest] = entry.split('/');
    const [family, most] = isIP(address) === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (isIP(address) === 0 || !isPrefix || rest.length > 0) {
      throw new Error(`${name} has "${entry}": it must be addresses or networks, as in "127.0.0.1, 10.0.0.0/8, fd00::/8"`);
    }
    proxies.addSubnet(address, bits === undefined ? most : Number(bits), family);
  }
  return proxies;
}

/**
 * The client of a request. From a trusted proxy X-Forwarded-For and X-Forwarded-Proto count, of the latter what the nearest proxy has
 * added. X-Forwarded-Host never does: it would let a page of another host past the check of Host. Afterwards `request` has none of them.
 */
export function settleClient(request: IncomingMessage, proxies: BlockList): Client {
  const { headers, socket } = request;
  const peer = plainAddress(socket.remoteAddress);
  const isProxied = peer !== undefined && isTrusted(peer, proxies);
  const said = (name: string): string[] => (isProxied ? listed(String(headers[name] ?? '')) : []);
  const client = {
    address: lastUntrusted([...said('x-forwarded-for'), ...(peer === undefined ? [] : [peer])], proxies),
    isSecure: said('x-forwarded-proto').at(-1)?.toLowerCase() === 'https',
  };
  for (const name of FORWARDED) delete headers[name];
  return client;
}

/** From the right, past the proxies that are trusted; what is no address ends the chain, since a proxy may only have passed it on. */
function lastUntrusted(chain: readonly string[], proxies: BlockList): string | undefined {
  let nearest: string | undefined;
  for (const entry of chain.toReversed()) {
    const address = plainAddress(entry);
    if (address === undefined) return nearest;
    nearest = address;
    if (!isTrusted(address, proxies)) return nearest;
  }
  return nearest;
}

/** Without a port, brackets, a zone, or the prefix of IPv4 in IPv6. Undefined: this is no address. */
function plainAddress(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  const address = bare?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return address !== undefined && isIP(address) !== 0 ? address : undefined;
}

function isTrusted(address: string, proxies: BlockList): boolean {
  return proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The entries of a list with commas. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
