import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { listLeftover } from './leftovers.ts';

/** A /30 of this process's own, of 10.231.0.0/16: others run the same on this host. */
const FIRST = randomBytes(2).readUInt16BE() & ~3;
const [HOST, CONTAINER] = [1, 2].map((i) => `10.231.${FIRST >> 8}.${(FIRST & 0xff) + i}`) as [string, string];

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Why there is no such link to be had on this host. Null: there is. */
export function whyNoVeth(): string | null {
  if (!['/usr/sbin/ip', '/sbin/ip'].some((path) => existsSync(path))) return 'ip is not installed (Debian: apt install iproute2)';
  try {
    using _ = new Veth(process.pid);
    return null;
  } catch (error) {
    return `this kernel makes no veth links: ${String((error as { stderr?: Buffer }).stderr ?? error)}`;
  }
}

/** A link between the host and the network namespace of a process, which sees it as `eth0`; without IPv6, which talks by itself. */
export class Veth implements Disposable {
  readonly address = CONTAINER;
  readonly #name = `plim${randomBytes(3).toString('hex')}`;

  constructor(pid: number) {
    const isOwn = pid === process.pid;
    listLeftover('link', this.#name);
    const inside = isOwn ? `${this.#name}p` : 'eth0';
    ip('link', 'add', this.#name, 'type', 'veth', 'peer', 'name', inside, ...(isOwn ? [] : ['netns', String(pid)]));
    if (isOwn) return;
    const within = (...args: string[]) => execFileSync('nsenter', ['-t', String(pid), '-n', 'ip', ...args], { stdio: 'ignore' });
    ip('link', 'set', this.#name, 'addrgenmode', 'none', 'up');
    ip('address', 'add', `${HOST}/30`, 'dev', this.#name);
    within('link', 'set', inside, 'addrgenmode', 'none', 'up');
    within('address', 'add', `${CONTAINER}/30`, 'dev', inside);
  }

  /** The host's counter of its own end: `tx_bytes`. */
  counter(name: string): number {
    return Number(readFileSync(`/sys/class/net/${this.#name}/statistics/${name}`, 'latin1'));
  }

  [Symbol.dispose](): void {
    try {
      ip('link', 'delete', this.#name);
    } catch {
      // It went with the namespace of its other end.
    }
  }
}
