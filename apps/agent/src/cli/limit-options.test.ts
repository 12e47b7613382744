import { expect, test } from 'vitest';
import { describeLimits, parseLimits, parseLimitsChange } from './limit-options.ts';
import { UsageError } from './verb.ts';

test('options become limits', () => {
  expect(parseLimits({ cpus: '0.5', memory: '64m', swap: '0', 'cpuset-cpus': '0-1', io: [] })).toEqual({
    cpus: 0.5,
    memoryBytes: 64 * 2 ** 20,
    swapBytes: 0,
    cpusetCpus: '0-1',
  });
  expect(parseLimits({ io: ['/dev/disk/by-path/pci-0000:00:1f.2:rbps=1m,wiops=5', '8:0:wbps=2k'] })).toEqual({
    io: [
      { device: '/dev/disk/by-path/pci-0000:00:1f.2', readBytesPerS: 2 ** 20, writeOpsPerS: 5 },
      { device: '8:0', writeBytesPerS: 2048 },
    ],
  });
});

test('none takes a limit away, in a change alone', () => {
  expect(parseLimitsChange({ cpus: 'none', pids: '4', io: ['none'] })).toEqual({ cpus: null, pids: 4, io: null });
  expect(parseLimitsChange({ io: [] })).toEqual({});
  expect(() => parseLimits({ cpus: 'none', io: [] })).toThrow(UsageError);
});

test.each(['sda:rbps=1', '/dev/sda', '/dev/sda:speed=1', '/dev/sda:rbps=', '8:0:rbps=1,,', ''])(
  '--io "%s" is wrong usage',
  (text) => {
    expect(() => parseLimits({ io: [text] })).toThrow(UsageError);
  },
);

test('limits in words', () => {
  expect(describeLimits({})).toBe('');
  expect(describeLimits({ cpus: 0.5, memoryBytes: 2 ** 26, io: [{ device: '8:0', readOpsPerS: 3 }] })).toBe(
    'cpus 0.5, memory 64.0 MiB, io 8:0 riops=3',
  );
});
