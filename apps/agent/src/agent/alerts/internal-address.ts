import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Of IANA's special-purpose registries (RFC 6890 and its updates): what is not somebody's address on the Internet. */
const V4: readonly (readonly [what: string, network: string, prefix: number])[] = [
  ['an address of “this network”', '0.0.0.0', 8],
  ['a private address', '10.0.0.0', 8],
  ['a carrier’s internal address', '100.64.0.0', 10],
  ['a loopback address', '127.0.0.0', 8],
  // The clouds' metadata servers are here.
  ['a link-local address', '169.254.0.0', 16],
  ['a private address', '172.16.0.0', 12],
  ['a reserved address', '192.0.0.0', 24],
  ['an address for documentation', '192.0.2.0', 24],
  ['a reserved address', '192.88.99.0', 24],
  ['a private address', '192.168.0.0', 16],
  ['an address for benchmarks', '198.18.0.0', 15],
  ['an address for documentation', '198.51.100.0', 24],
  ['an address for documentation', '203.0.113.0', 24],
  ['a multicast address', '224.0.0.0', 4],
  ['a reserved address', '240.0.0.0', 4],
];

/** Within 2000::/3, outside of which no address is anybody's: those that stand for others, among them IPv4 ones. */
const V6: readonly (readonly [what: string, network: string, prefix: number])[] = [
  ['a reserved address', '2001::', 23],
  ['an address for documentation', '2001:db8::', 32],
  ['an IPv4 address in disguise (6to4)', '2002::', 16],
  ['an address for documentation', '3fff::', 20],
];

const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');

const INTERNAL = [
  ...V4.map((entry) => ({ entry, family: 'ipv4' as const })),
  ...V6.map((entry) => ({ entry, family: 'ipv6' as const })),
].map(({ entry: [what, network, prefix], family }) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { what, list };
});

/** What an address is, where it is not one of the Internet, or one of this host's own; null: it may be sent to. */
export function whyInternal(address: string): string | null {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const found = INTERNAL.find(({ list }) => list.check(address, family));
  if (found !== undefined) return found.what;
  if (family === 'ipv6' && !GLOBAL.check(address, family)) return 'no address of the Internet';
  return isOwn(address, family) ? 'an address of this host' : null;
}

/** A service that listens on the host's public address may think itself behind a firewall. */
function isOwn(address: string, family: 'ipv4' | 'ipv6'): boolean {
  const own = new BlockList();
  for (const { address: mine, family: of } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    own.addAddress(mine, of === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  return own.check(address, family);
}
