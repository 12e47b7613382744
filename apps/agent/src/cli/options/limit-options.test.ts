import { expect, test } from 'vitest';
import { describeLimits, needsPresentMemory, parseLimits, parseLimitsChange, parseNewLimits } from './limit-options.ts';
import { UsageError } from '../verb.ts';

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

test('--storage-opt size= limits the layer, in the form of docker', () => {
  expect(parseLimits({ io: [], 'storage-opt': ['size=1g'] })).toEqual({ storageBytes: 2 ** 30 });
  expect(parseLimitsChange({ io: [], 'storage-opt': ['size=none'] })).toEqual({ storageBytes: null });
  expect(describeLimits({ storageBytes: 2 ** 30 })).toBe('storage 1.00 GiB');
});

test.each([['1g'], ['size=1g', 'size=2g'], ['size='], ['size=4k'], ['size=none'], ['volume=x']])(
  '--storage-opt %s is wrong usage',
  (...texts) => {
    expect(() => parseLimits({ io: [], 'storage-opt': texts })).toThrow(UsageError);
  },
);

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

test.each([
  [{ memory: '64' }, '--memory "64": 64 bytes is less than 1 MiB; a unit is missing: 64m is 64 MiB'],
  [{ 'memory-high': '100' }, '--memory-high "100": 100 bytes is less than 1 MiB; a unit is missing: 100m is 100 MiB'],
  [{ swap: '64' }, '--swap "64": 64 bytes is less than 1 MiB; a unit is missing: 64m is 64 MiB'],
  [{ memory: '64x' }, '--memory "64x": give a size'],
  [{ memory: '4k' }, '--memory "4k": a container cannot be set up in less than 1 MiB of memory'],
  [{ memory: '0' }, '--memory "0": a container cannot be set up in less than 1 MiB of memory'],
  [{ cpus: '0.001' }, '--cpus "0.001": the kernel\'s least cpu limit'],
  [{ io: ['8:0:rbps=fast'] }, '--io "8:0:rbps=fast": rbps: give a size'],
  [{ io: ['8:0:rbps=0'] }, '--io "8:0:rbps=0": a limit of less than 1 per second'],
])('%o is said to be wrong, by its option', (values, words) => {
  expect(() => parseLimitsChange({ io: [], ...values })).toThrow(words);
});

test('limits as text', () => {
  expect(describeLimits({})).toBe('');
  expect(describeLimits({ cpus: 0.5, memoryBytes: 2 ** 26, io: [{ device: '8:0', readOpsPerS: 3 }] })).toBe(
    'cpus 0.5, memory 64.0 MiB, io 8:0 riops=3',
  );
});

test.each(['pids', 'pids-limit'] as const)('--%s of 0 and -1 is any number, as docker has it', (option) => {
  expect(parseLimits({ [option]: '7', io: [] })).toEqual({ pids: 7 });
  for (const text of ['0', '-1']) {
    expect(parseLimits({ [option]: text, io: [] })).toEqual({});
    expect(parseLimitsChange({ [option]: text, io: [] })).toEqual({ pids: null });
  }
  expect(() => parseLimits({ [option]: '-2', io: [] })).toThrow(`--${option} "-2"`);
});

test('--memory-swap is the sum of memory and swap', () => {
  const MEBIBYTE = 2 ** 20;
  expect(parseLimits({ memory: '64m', 'memory-swap': '96m', io: [] })).toEqual({
    memoryBytes: 64 * MEBIBYTE,
    swapBytes: 32 * MEBIBYTE,
  });
  expect(parseLimits({ memory: '64m', 'memory-swap': '64m', io: [] })).toMatchObject({ swapBytes: 0 });
  expect(parseLimits({ memory: '64m', 'memory-swap': '-1', io: [] })).toEqual({ memoryBytes: 64 * MEBIBYTE });
  expect(parseLimits({ memory: '64m', 'memory-swap': '0', io: [] })).toEqual({ memoryBytes: 64 * MEBIBYTE });
  expect(() => parseLimits({ memory: '64m', 'memory-swap': '32m', io: [] })).toThrow('memory alone is 64.0 MiB');
  expect(() => parseLimits({ 'memory-swap': '32m', io: [] })).toThrow('needs a --memory limit');
  expect(() => parseLimits({ memory: '64m', 'memory-swap': '96m', swap: '1m', io: [] })).toThrow('give --swap or --memory-swap');
});

test('--memory-swap of a change counts from the present limit, where that stays', () => {
  const sum = { 'memory-swap': '96m', io: [] };
  expect(needsPresentMemory(sum)).toBe(true);
  expect(parseLimitsChange(sum, 2 ** 26)).toEqual({ swapBytes: 2 ** 25 });
  expect(() => parseLimitsChange(sum)).toThrow('needs a --memory limit');
  expect(() => parseLimitsChange({ ...sum, memory: 'none' }, 2 ** 26)).toThrow('needs a --memory limit');
  for (const values of [{ ...sum, memory: '1g' }, { 'memory-swap': '-1', io: [] }, { io: [] }]) {
    expect(needsPresentMemory(values)).toBe(false);
  }
  expect(parseLimitsChange({ 'memory-swap': 'none', io: [] })).toEqual({ swapBytes: null });
});

test('of a new container any number of processes is said, since it has a default', () => {
  for (const text of ['-1', '0', 'unlimited']) expect(parseNewLimits({ 'pids-limit': text, io: [] })).toEqual({ pids: null });
  expect(parseNewLimits({ 'pids-limit': '9', cpus: '1', io: [] })).toEqual({ pids: 9, cpus: 1 });
  expect(parseNewLimits({ io: [] })).toEqual({});
});
