import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ownDirectory } from '../support/leftovers.ts';

const REBOUND = join(import.meta.dirname, '../support/dns/rebound.ts');
/** Both looks of the same attempt go to the name server, whatever the host caches. */
const RESOLV_CONF = 'nameserver 127.0.0.77\noptions attempts:1 timeout:5\n';
const NSSWITCH = 'hosts: files dns\n';

interface Report {
  problems: (string | null)[];
  pinned: { connections: number; questions: number };
  isReached: boolean;
}

const noIp = ['/usr/sbin/ip', '/sbin/ip'].some((path) => existsSync(path))
  ? null
  : 'ip is not installed (Debian: apt install iproute2)';
if (noIp !== null) console.warn(`DNS rebinding is not tried: ${noIp}`);

test.skipIf(noIp !== null)(
  'a name that is outside when it is checked and inside when it is connected to reaches nothing, at no attempt',
  async () => {
    const directory = mkdtempSync(join(ownDirectory(), 'dns-'));
    try {
      writeFileSync(join(directory, 'resolv.conf'), RESOLV_CONF);
      writeFileSync(join(directory, 'nsswitch.conf'), NSSWITCH);
      const script = [
        'mount --bind "$1/resolv.conf" /etc/resolv.conf',
        'mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf',
        'ip link set lo up',
        'exec "$2" "$3"',
      ].join(' && ');
      const namespaces = ['--mount', '--net', '--', 'sh', '-c', script, 'sh', directory, process.execPath, REBOUND];
      const { stdout } = await promisify(execFile)('unshare', namespaces);
      const { problems, pinned, isReached } = JSON.parse(stdout) as Report;
      // Outside there is no way in this network; inside is forbidden.
      const outside = problems.filter((problem) => problem === 'ENETUNREACH');
      const inside = problems.filter((problem) => problem?.includes('rebound.example is 127.0.0.1, which is a loopback address'));
      expect([outside.length, inside.length]).toEqual([10, 10]);
      expect(pinned).toEqual({ connections: 0, questions: 20 });
      expect(isReached, 'who looks twice reaches the inside').toBe(true);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
