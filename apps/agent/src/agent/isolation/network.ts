import { readFile } from 'node:fs/promises';
import type { Seen } from '@plimsoll/protocol';
import { linesOf, words } from './lines.ts';

/** The network devices that a process sees, and all of their addresses. */
export async function networkSeenBy(pid: number): Promise<Seen['network']['host']> {
  const [devices, trie, v6] = await Promise.all([
    linesOf(`/proc/${pid}/net/dev`),
    // Absent where the kernel was built without that family, or it is switched off.
    readFile(`/proc/${pid}/net/fib_trie`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/net/if_inet6`, 'utf8').catch(() => ''),
  ]);
  return { interfaces: parseDevices(devices), addresses: [...parseLocalAddresses(trie), ...parseV6Addresses(v6)] };
}

/** proc_pid_net(5), net/dev: two lines of headings, then `name: counters`. */
export function parseDevices(lines: readonly string[]): string[] {
  return lines.slice(2).map((line) => line.slice(0, line.lastIndexOf(':')).trim());
}

/** fib_trie: the routes as a tree; what is `host LOCAL` is an address of its own. */
export function parseLocalAddresses(trie: string): string[] {
  const found = new Set<string>();
  let leaf = '';
  for (const line of trie.split('\n')) {
    const [first = '', second = '', third] = words(line);
    if (first === '|--') leaf = second;
    else if (first === '/32' && second === 'host' && third === 'LOCAL') found.add(leaf);
  }
  return [...found];
}

/** if_inet6: 32 hexadecimal digits, the device's number, prefix length, scope, flags, its name. */
export function parseV6Addresses(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => shorten(line.slice(0, 32)));
}

/** RFC 5952, as the URL standard writes it as well: no leading zeroes, the longest run of zeroes as `::`. */
function shorten(digits: string): string {
  const groups = digits.match(/.{4}/g)?.join(':') ?? '';
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
