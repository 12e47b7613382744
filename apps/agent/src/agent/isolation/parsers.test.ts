import { expect, test } from 'vitest';
import { parseOffsets } from './clocks.ts';
import { idInside, parseIdMapRow } from './id-map.ts';
import { parseMount } from './mount-info.ts';
import { parseDevices, parseLocalAddresses, parseV6Addresses } from './network.ts';
import { parseLimit } from './process-limits.ts';
import { decodeCapabilities, parseStatus } from './status.ts';

const STATUS = `Name:	sh
Umask:	0027
State:	S (sleeping)
Tgid:	15227
Uid:	231072	232072	231072	231072
Gid:	231072	232082	231072	231072
FDSize:	64
Groups:	231072 231077 
NStgid:	15227	1
NSpid:	15227	1
CapInh:	0000000000000000
CapPrm:	00000000800405fb
CapEff:	00000000800405fb
CapBnd:	000001ffffffffff
CapAmb:	0000000000000000
NoNewPrivs:	1
Seccomp:	2
Seccomp_filters:	1
Speculation_Store_Bypass:	thread vulnerable
`;

test('who a process is and what it may', () => {
  const status = parseStatus(STATUS);
  expect(status).toMatchObject({
    pids: [15_227, 1],
    uid: 232_072,
    gid: 232_082,
    groups: [231_072, 231_077],
    umask: '0027',
    noNewPrivileges: true,
    seccomp: { mode: 'filter', filters: 1 },
  });
  expect(status.capabilities.effective).toEqual([
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_FSETID',
    'CAP_KILL',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SETPCAP',
    'CAP_NET_BIND_SERVICE',
    'CAP_SYS_CHROOT',
    'CAP_SETFCAP',
  ]);
  expect(status.capabilities.bounding).toHaveLength(41);
  expect(status.capabilities.ambient).toEqual([]);
});

test('a kernel that does not count filters, and one that has more capabilities', () => {
  const older = STATUS.replace(/^Seccomp_filters.*\n/m, '').replace('Seccomp:\t2', 'Seccomp:\t0');
  expect(parseStatus(older).seccomp).toEqual({ mode: 'disabled', filters: null });
  expect(parseStatus(STATUS.replace('Seccomp:\t2', 'Seccomp:\t1')).seccomp.mode).toBe('strict');
  expect(decodeCapabilities('0000020000000001')).toEqual(['CAP_CHOWN', 'CAP_41']);
});

test.each([
  [
    '421 390 0:52 / / rw,relatime master:7 - overlay overlay rw,lowerdir=/l/a:/l/b,upperdir=/u,workdir=/w',
    {
      mountPoint: '/',
      root: '/',
      fsType: 'overlay',
      source: 'overlay',
      options: 'rw,relatime',
      superOptions: 'rw,lowerdir=/l/a:/l/b,upperdir=/u,workdir=/w',
      propagation: 'slave',
    },
  ],
  [
    String.raw`36 35 98:0 /a\040b /mnt/tab\011line\012back\134slash\040- rw shared:2 master:1 propagate_from:3 - ext4 /dev/my\040disk rw`,
    {
      mountPoint: '/mnt/tab\tline\nback\\slash -',
      root: '/a b',
      fsType: 'ext4',
      source: '/dev/my disk',
      options: 'rw',
      superOptions: 'rw',
      propagation: 'shared, slave',
    },
  ],
  // A tmpfs whose source is the empty string.
  [
    '60 21 0:40 / /run ro,nosuid unbindable - tmpfs  ro,size=4k',
    { source: '', superOptions: 'ro,size=4k', propagation: 'unbindable' },
  ],
  // What proc of a hidden mount shows: a deleted directory.
  [
    '77 60 0:40 /gone//deleted /x rw - tmpfs tmpfs rw,mode=755',
    { root: '/gone//deleted', superOptions: 'rw,mode=755', propagation: 'private' },
  ],
])('a mount: %s', (line, expected) => {
  expect(parseMount(line)).toMatchObject(expected);
});

test.each([
  [
    'Max cpu time              unlimited            unlimited            seconds   ',
    { name: 'Max cpu time', soft: null, hard: null, unit: 'seconds' },
  ],
  [
    'Max open files            1024                 1048576              files     ',
    { name: 'Max open files', soft: '1024', hard: '1048576', unit: 'files' },
  ],
  [
    'Max nice priority         0                    0                    ',
    { name: 'Max nice priority', soft: '0', hard: '0', unit: '' },
  ],
  [
    'Max locked memory         18446744073692774399 18446744073692774399 bytes     ',
    { name: 'Max locked memory', soft: '18446744073692774399', hard: '18446744073692774399', unit: 'bytes' },
  ],
])('a limit: %s', (line, expected) => {
  expect(parseLimit(line)).toEqual(expected);
});

test('an id map, and an id that it does not have', () => {
  const map = ['         0     231072      65536', '     65536       1000          1'].map(parseIdMapRow);
  expect(map).toEqual([
    { inside: 0, outside: 231_072, count: 65_536 },
    { inside: 65_536, outside: 1000, count: 1 },
  ]);
  expect([231_072, 296_607, 1000, 0, 296_608].map((id) => idInside(map, id))).toEqual([0, 65_535, 65_536, null, null]);
  expect(idInside([parseIdMapRow('         0          0 4294967295')], 65_534)).toBe(65_534);
});

test.each([
  ['monotonic           0         0\nboottime            0         0\n', { monotonicMs: 0, boottimeMs: 0 }],
  ['monotonic      -86400 500000000\nboottime       604800         0\n', { monotonicMs: -86_399_500, boottimeMs: 604_800_000 }],
  // Linux 5.6.
  ['1 3600 0\n7 -60 0\n', { monotonicMs: 3_600_000, boottimeMs: -60_000 }],
])('clock offsets: %j', (text, expected) => {
  expect(parseOffsets(text)).toEqual(expected);
});

test('devices and addresses', () => {
  const lines = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo: 5543436    7143    0    0    0     0          0         0  5543436    7143    0    0    0     0       0          0',
    '  eth0:2183792904   63064    0    0    0     0          0         0  3593463   36796    0    0    0     0       0          0',
  ];
  expect(parseDevices(lines)).toEqual(['lo', 'eth0']);
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
           |-- 192.0.2.2
              /32 host LOCAL
Local:
           |-- 127.0.0.1
              /32 host LOCAL
`;
  expect(parseLocalAddresses(trie)).toEqual(['127.0.0.1', '192.0.2.2']);
  const v6 = `00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fd000000000000000000000000000002 04 40 00 82     eth0
`;
  expect(parseV6Addresses(v6)).toEqual(['::1', 'fe80::fc:ff:fe00:1', 'fd00::2']);
});
