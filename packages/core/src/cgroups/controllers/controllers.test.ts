import { expect, test } from 'vitest';
import type { LinuxResources } from '../../oci/config.ts';
import { Cgroup } from '../cgroup.ts';
import { limitSettings } from '../create.ts';
import { formatKernelList, parseKernelList } from '../kernel-list.ts';
import { layoutFrom } from '../layout.ts';
import { MissingController } from '../setting.ts';
import { sharesToWeight, weightToShares } from './cpu.ts';
import { fromBlkioWeight, toBlkioWeight } from './io.ts';
import { swapBeyond } from './memory.ts';

const V1 = ['cpu', 'cpuset', 'memory', 'pids', 'blkio']
  .map((name, i) => `${30 + i} 1 0:${i} / /none/${name} rw - cgroup cgroup rw,${name}`)
  .join('\n');
const v1 = new Cgroup(layoutFrom(V1, ''), 'p/g/c');
const v2 = new Cgroup(layoutFrom('30 1 0:1 / /none rw - cgroup2 cgroup2 rw', 'cpu cpuset memory pids io'), 'p/g/c');

function written(cgroup: Cgroup, resources: LinuxResources): [string, string][] {
  return limitSettings(cgroup, resources, 'new').map(({ file, value }) => [file, value]);
}

test.each<{ asked: LinuxResources; onV1: [string, string][]; onV2: [string, string][] }>([
  {
    asked: { cpu: { quota: 50_000, period: 100_000 } },
    onV1: [['cpu/p/g/c/cpu.cfs_quota_us', '50000']],
    onV2: [['p/g/c/cpu.max', '50000 100000']],
  },
  {
    asked: { cpu: { quota: -1 } },
    onV1: [['cpu/p/g/c/cpu.cfs_quota_us', '-1']],
    onV2: [['p/g/c/cpu.max', 'max 100000']],
  },
  {
    asked: { cpu: { quota: 2000, period: 20_000, shares: 1024 } },
    onV1: [
      ['cpu/p/g/c/cpu.cfs_period_us', '20000'],
      ['cpu/p/g/c/cpu.cfs_quota_us', '2000'],
      ['cpu/p/g/c/cpu.shares', '1024'],
    ],
    onV2: [
      ['p/g/c/cpu.max', '2000 20000'],
      ['p/g/c/cpu.weight', '100'],
    ],
  },
  {
    asked: { cpu: { cpus: '0-1,3', mems: '0' } },
    onV1: [
      ['cpuset/p/g/c/cpuset.cpus', '0-1,3'],
      ['cpuset/p/g/c/cpuset.mems', '0'],
    ],
    onV2: [
      ['p/g/c/cpuset.cpus', '0-1,3'],
      ['p/g/c/cpuset.mems', '0'],
    ],
  },
  {
    asked: { memory: { limit: 8192, reservation: 4096 } },
    onV1: [
      ['memory/p/g/c/memory.limit_in_bytes', '8192'],
      ['memory/p/g/c/memory.soft_limit_in_bytes', '4096'],
    ],
    onV2: [
      ['p/g/c/memory.max', '8192'],
      ['p/g/c/memory.high', '4096'],
    ],
  },
  {
    asked: { memory: { limit: -1, reservation: -1 } },
    onV1: [
      ['memory/p/g/c/memory.limit_in_bytes', '-1'],
      ['memory/p/g/c/memory.soft_limit_in_bytes', '-1'],
    ],
    onV2: [
      ['p/g/c/memory.max', 'max'],
      ['p/g/c/memory.high', 'max'],
    ],
  },
  { asked: { pids: { limit: 17 } }, onV1: [['pids/p/g/c/pids.max', '17']], onV2: [['p/g/c/pids.max', '17']] },
  { asked: { pids: { limit: -1 } }, onV1: [['pids/p/g/c/pids.max', 'max']], onV2: [['p/g/c/pids.max', 'max']] },
  {
    asked: {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1000 }],
        throttleWriteIOPSDevice: [
          { major: 8, minor: 0, rate: 5 },
          { major: 8, minor: 16, rate: 0 },
        ],
      },
    },
    onV1: [
      ['blkio/p/g/c/blkio.throttle.read_bps_device', '8:0 1000'],
      ['blkio/p/g/c/blkio.throttle.write_iops_device', '8:0 5'],
      ['blkio/p/g/c/blkio.throttle.write_iops_device', '8:16 0'],
    ],
    onV2: [
      ['p/g/c/io.max', '8:0 rbps=1000 wiops=5'],
      ['p/g/c/io.max', '8:16 wiops=max'],
    ],
  },
])('$asked is written as each version has it', ({ asked, onV1, onV2 }) => {
  const below = (files: [string, string][]) => files.map(([file, value]) => [`/none/${file}`, value]);
  expect(written(v1, asked)).toEqual(below(onV1));
  expect(written(v2, asked)).toEqual(below(onV2));
});

test('swap is memory and swap together in the standard and on v1, and alone on v2', () => {
  expect(written(v2, { memory: { limit: 4096, swap: 12_288 } })).toEqual([
    ['/none/p/g/c/memory.max', '4096'],
    ['/none/p/g/c/memory.swap.max', '8192'],
  ]);
  expect(swapBeyond(undefined, -1)).toBe(-1);
  expect(swapBeyond(4096, 4096)).toBe(0);
  expect(() => swapBeyond(undefined, 4096)).toThrow(RangeError);
  expect(() => swapBeyond(-1, 4096)).toThrow(RangeError);
  expect(() => swapBeyond(8192, 4096)).toThrow(RangeError);
});

test('what a host lacks is named', () => {
  const bare = new Cgroup(layoutFrom('30 1 0:1 / /none rw - cgroup2 cgroup2 rw', ''), 'p/g/c');
  const asked: [string, LinuxResources][] = [
    ['cpu', { cpu: { shares: 1024 } }],
    ['cpu', { cpu: { quota: 1000 } }],
    ['cpuset', { cpu: { cpus: '0' } }],
    ['memory', { memory: { limit: 4096 } }],
    ['pids', { pids: { limit: 1 } }],
    ['io', { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }] } }],
    ['io', { unified: { 'io.weight': '100' } }],
  ];
  for (const [controller, resources] of asked) {
    expect(() => limitSettings(bare, resources, 'new')).toThrow(MissingController);
    expect(() => limitSettings(bare, resources, 'new')).toThrow(`the ${controller} controller`);
  }
  expect(limitSettings(bare, {}, 'new')).toEqual([]);
});

test('shares and weights meet at both ends and at the defaults, and weights survive the way there and back', () => {
  expect([2, 1024, 262_144].map(sharesToWeight)).toEqual([1, 100, 10_000]);
  expect([1, 100].map(weightToShares)).toEqual([2, 1024]);
  for (let weight = 1; weight <= 10_000; weight++) expect(sharesToWeight(weightToShares(weight))).toBe(weight);
});

test('blkio weights and io weights meet at both ends, ascend, and blkio weights survive the way there and back', () => {
  expect([10, 1000].map(fromBlkioWeight)).toEqual([1, 10_000]);
  expect([1, 10_000].map(toBlkioWeight)).toEqual([10, 1000]);
  for (let weight = 10; weight <= 1000; weight++) expect(toBlkioWeight(fromBlkioWeight(weight))).toBe(weight);
  for (let weight = 2; weight <= 10_000; weight++) {
    expect(toBlkioWeight(weight)).toBeGreaterThanOrEqual(toBlkioWeight(weight - 1));
  }
});

test.each<[string, number[], string?]>([
  ['0-3,6', [0, 1, 2, 3, 6]],
  ['0', [0]],
  ['', []],
  ['1,0', [0, 1], '0-1'],
])('the kernel list "%s"', (text, numbers, formatted = text) => {
  expect(parseKernelList(text)).toEqual(new Set(numbers));
  expect(formatKernelList(new Set(numbers))).toBe(formatted);
});
