import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { PlimsollError } from '@plimsoll/protocol';
import { whyInternal } from './internal-address.ts';

export interface Pinned {
  address: string;
  family: 4 | 6;
}

const HINT = 'Whoever runs this host can allow a host or a network by PLIMSOLL_WEBHOOK_ALLOW.';
const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** Where webhooks may go: anywhere on the Internet, and inside only where it is allowed. */
export class WebhookAllowance {
  readonly #networks = new BlockList();
  readonly #hosts = new Set<string>();
  #looking: Promise<unknown> = Promise.resolve();

  /** A list such as `hooks.example.internal,10.1.0.0/16,127.0.0.1`. Throws `bad-request` for what is neither a host nor a network. */
  static parse(variable: string, text: string | undefined): WebhookAllowance {
    const allowance = new WebhookAllowance();
    const entries = (text ?? '').split(',').map((entry) => entry.trim().toLowerCase());
    for (const entry of entries) if (entry !== '') allowance.#allow(variable, entry);
    return allowance;
  }

  /** Before a name is looked up: throws `forbidden` where the host is an internal address. */
  check(url: string): void {
    const host = hostOf(url);
    if (isIP(host) !== 0) this.#require(host, host);
  }

  /**
   * The address to connect to, and to no other: a name that is looked up once more may stand for another by then (DNS rebinding).
   * Throws `forbidden` where one of the name's addresses is internal, `unavailable` where it has none.
   */
  async resolve(url: string): Promise<Pinned> {
    const host = hostOf(url);
    const addresses = isIP(host) === 0 ? await this.#lookUp(host) : [host];
    for (const address of addresses) this.#require(address, host);
    const [address] = addresses;
    if (address === undefined) throw new PlimsollError('unavailable', `${host} has no address`);
    return { address, family: isIPv4(address) ? 4 : 6 };
  }

  #allow(variable: string, entry: string): void {
    const [address = '', digits, ...more] = entry.split('/');
    const family = isIP(address);
    const prefix = digits === undefined ? (family === 4 ? 32 : 128) : /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN;
    if (family !== 0 && more.length === 0 && prefix <= (family === 4 ? 32 : 128)) {
      this.#networks.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
    } else if (family === 0 && digits === undefined && HOST_NAME.test(entry)) {
      this.#hosts.add(entry);
    } else {
      throw new PlimsollError('bad-request', `${variable}: "${entry}" is neither a host nor a network such as 10.0.0.0/8`);
    }
  }

  #require(address: string, host: string): void {
    if (this.#hosts.has(host) || this.#networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) return;
    const why = whyInternal(address);
    if (why === null) return;
    const what = address === host ? address : `${host} is ${address}, which`;
    throw new PlimsollError('forbidden', `${what} is ${why}: no webhook may go there`, { hint: HINT });
  }

  /** One at a time: each holds a thread of the pool that files need as well (getaddrinfo). */
  async #lookUp(host: string): Promise<string[]> {
    const found = this.#looking.then(() => lookup(host, { all: true }));
    this.#looking = found.catch(() => {});
    try {
      return (await found).map(({ address }) => address);
    } catch (cause) {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException;
      throw new PlimsollError('unavailable', `${host} cannot be looked up: ${code}`, { cause });
    }
  }
}

/** As an address without brackets, or a name without the point of the root. The URL's own parser has made 127.0.0.1 of 0x7f.1. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
