import { expect, test } from 'vitest';
import { FlatFile } from './flat-file.ts';
import { descriptorLimit } from './descriptor-budget.ts';
import { emptyReading } from './reading.ts';
import { blkioSums, ioStatSums } from './sources/io.ts';
import { deviceSums } from './sources/network.ts';
import { pressureTotals } from './sources/pressure.ts';
import { bigintAt, limitAt, numberAt } from './text.ts';

/** A content among others: what stands around it must not be read. */
const AHEAD = 'anon 99\nmax 9 Read 9 rbytes=9 ';
const bytes = (text: string) => new Uint8Array(Buffer.from(`${AHEAD}${text}77\nkernel 8\n`));
const from = AHEAD.length;
const to = (text: string) => from + text.length;

function flat(file: FlatFile, text: string, size: number): number[] {
  const into = new Float64Array(size);
  file.read(bytes(text), from, to(text), into);
  return [...into];
}

test('numbers are exact, however long', () => {
  expect(numberAt(bytes('12345\n'), from)).toBe(12_345);
  expect(bigintAt(bytes('9007199254740993\n'), from)).toBe(9_007_199_254_740_993n);
  expect(bigintAt(bytes('7\n'), from)).toBe(7n);
});

test('no limit is no number, in the words of both versions', () => {
  expect(limitAt(bytes('max\n'), from)).toBeNaN();
  expect(limitAt(bytes('9223372036854771712\n'), from)).toBeNaN();
  expect(limitAt(bytes('67108864\n'), from)).toBe(67_108_864);
});

test('keys are found where they were before, and where they have moved to', () => {
  const file = new FlatFile(['anon', 'kernel', 'absent']);
  expect(flat(file, 'anon 1\nfile 2\nkernel 3\n', 3)).toEqual([1, 3, Number.NaN]);
  expect(flat(file, 'anon 4\nfile 500000000\nkernel 6\n', 3)).toEqual([4, 6, Number.NaN]);
  expect(flat(file, 'anon 44444444\nfile 5\nkernel 6\n', 3)).toEqual([44_444_444, 6, Number.NaN]);
  // Another kernel's order, and another cgroup's lines.
  expect(flat(file, 'kernel 7\nfile 5\nanon 8\n', 3)).toEqual([8, 7, Number.NaN]);
  expect(flat(file, 'file 5\nanon 8\n', 3)).toEqual([8, Number.NaN, Number.NaN]);
  expect(flat(file, 'anon 1\nfile 2\nkernel 3\nabsent 4\n', 3)).toEqual([1, 3, 4]);
  expect(flat(file, 'anon 1\nfile 2\nkernel 3\nabsent 5\n', 3)).toEqual([1, 3, 5]);
  expect(flat(file, '', 3)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test('a key that begins another is not taken for it', () => {
  const file = new FlatFile(['file', 'anon']);
  for (let round = 0; round < 2; round++) {
    expect(flat(file, 'anon_thp 1\nanon 2\nfile_mapped 3\nfile_dirty 4\nfile 5\n', 2)).toEqual([5, 2]);
  }
});

test('io is summed over devices, and told once', () => {
  const into = new Float64Array(8);
  const v1 =
    '254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\n254:0 Async 0\n254:0 Discard 5\n254:0 Total 30\n8:0 Read 1\n8:0 Write 2\nTotal 33\n';
  blkioSums(bytes(v1), from, to(v1), into);
  expect([...into.slice(0, 3)]).toEqual([11, 22, 5]);
  const v2 =
    '254:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=5 dios=6\n7:0 \n8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n';
  ioStatSums(bytes(v2), from, to(v2), into);
  expect([...into.slice(0, 5)]).toEqual([11, 22, 4, 6, 5]);
});

test('pressure is told by its totals', () => {
  const into = new Float64Array(8);
  const both = 'some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459\nfull avg10=0.00 avg60=0.16 avg300=0.08 total=2\n';
  pressureTotals(bytes(both), from, to(both), into);
  expect([...into.slice(0, 3)]).toEqual([58_761_459, 2, Number.NaN]);
  const some = 'some avg10=0.22 avg60=0.17 avg300=1.11 total=5\n';
  pressureTotals(bytes(some), from, to(some), into);
  expect([...into.slice(0, 2)]).toEqual([5, Number.NaN]);
});

test('traffic is summed over devices but loopback, also where a name touches its first number', () => {
  const into = new Float64Array(8);
  const text = [
    'Inter-|   Receive                                                |  Transmit\n',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n',
    '    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0\n',
    '  eth0:483756893   10385    1    2    9     9          9         9   587594    5910    3    4    9     9       9          9\n',
    'lo1:       1       1    1    1    0     0          0         0        1       1    1    1    0     0       0          0\n',
  ].join('');
  deviceSums(bytes(text), from, to(text), into);
  expect([...into]).toEqual([483_756_894, 10_386, 2, 3, 587_595, 5911, 4, 5]);
});

test('the soft limit is what counts', () => {
  expect(
    descriptorLimit('Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                524288        files\n'),
  ).toBe(1024);
});

test('a reading has no counters before the first is read', () => {
  const { atNs, detailAtNs, cpuStatAtNs, cpuUsageNs, ...numbers } = emptyReading();
  expect([atNs, detailAtNs, cpuStatAtNs, cpuUsageNs]).toEqual([0n, 0n, 0n, null]);
  expect(Object.values(numbers).every(Number.isNaN)).toBe(true);
});
