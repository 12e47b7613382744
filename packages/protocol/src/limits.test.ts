import { expect, test } from 'vitest';
import { ChangeGroup, CreateGroup } from './group.ts';
import { changedLimits, Limits, LimitsChange } from './limits.ts';

test('a change replaces, takes away, and leaves alone', () => {
  const before: Limits = { cpus: 1, memoryBytes: 2 ** 26, pids: 10 };
  expect(changedLimits(before, { cpus: 0.5, pids: null })).toEqual({ cpus: 0.5, memoryBytes: 2 ** 26 });
  expect(changedLimits(before, {})).toEqual(before);
  expect(changedLimits({}, { memoryBytes: null })).toEqual({});
});

test.each(['0', '0-3', '0-1,3', '0,2-5,7', '8191'])('cpus %s are a list', (cpusetCpus) => {
  expect(Limits.parse({ cpusetCpus })).toEqual({ cpusetCpus });
});

test.each(['', ' 0', '0 ', '0-', '-1', '3-1', '0,,1', '8192', '0-9999', 'a', '0\n1', '0x1'])(
  'cpus "%s" are none',
  (cpusetCpus) => {
    expect(Limits.safeParse({ cpusetCpus }).success).toBe(false);
  },
);

test('disks by number or by path, each once and with some limit', () => {
  const io = [
    { device: '254:0', readBytesPerS: 1 },
    { device: '/dev/disk/by-id/x-y_z', writeOpsPerS: 10 },
  ];
  expect(Limits.parse({ io })).toEqual({ io });
  for (const wrong of [
    [{ device: '254:0' }],
    [{ device: 'vda', readBytesPerS: 1 }],
    [{ device: '/etc/passwd', readBytesPerS: 1 }],
    [{ device: '254:0', readBytesPerS: 0 }],
    [{ device: '254:0', readBytesPerS: 1.5 }],
    [
      { device: '254:0', readBytesPerS: 1 },
      { device: '254:0', writeBytesPerS: 1 },
    ],
  ]) {
    expect(Limits.safeParse({ io: wrong }).success, JSON.stringify(wrong)).toBe(false);
  }
});

test('a change knows the same bounds, and null', () => {
  expect(LimitsChange.parse({ cpus: null, io: null })).toEqual({ cpus: null, io: null });
  expect(LimitsChange.safeParse({ cpus: 0 }).success).toBe(false);
  expect(LimitsChange.safeParse({ unknown: 1 }).success).toBe(false);
});

test('a container has a storage limit, and a group has none: it has no layer', () => {
  expect(Limits.parse({ storageBytes: 2 ** 30 })).toEqual({ storageBytes: 2 ** 30 });
  for (const storageBytes of [0, 1024, 0.5, -1, 2 ** 53]) expect(Limits.safeParse({ storageBytes }).success).toBe(false);
  expect(CreateGroup.safeParse({ group: 'acme', limits: { storageBytes: 2 ** 30 } }).success).toBe(false);
  expect(ChangeGroup.safeParse({ group: 'acme', limits: { storageBytes: null } }).success).toBe(false);
});
