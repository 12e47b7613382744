import { expect, test } from 'vitest';
import { resourcesForChange, resourcesOf } from './resources.ts';

const MIB = 1024 * 1024;

test('what is not limited is not written', () => {
  expect(resourcesOf({})).toEqual({});
  expect(resourcesForChange({ cpus: 1, pids: 3 }, {})).toEqual({});
});

test('limits in the terms of the runtime-spec', () => {
  const limits = {
    cpus: 1.5,
    cpuWeight: 100,
    cpusetCpus: '0-1',
    memoryBytes: 64 * MIB,
    memoryHighBytes: 32 * MIB,
    swapBytes: 0,
    pids: 5,
  };
  expect(resourcesOf({ ...limits, ioWeight: 300, io: [{ device: '8:0', readBytesPerS: 7 }] })).toEqual({
    cpu: { quota: 150_000, period: 100_000, shares: 1024, cpus: '0-1' },
    memory: { limit: 64 * MIB, reservation: 32 * MIB, swap: 64 * MIB },
    pids: { limit: 5 },
    blockIO: {
      throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 7 }],
      throttleWriteBpsDevice: [],
      throttleReadIOPSDevice: [],
      throttleWriteIOPSDevice: [],
    },
    unified: { 'io.weight': '300' },
  });
});

test('null takes a limit away, whatever it was', () => {
  const before = {
    cpus: 1,
    cpuWeight: 7,
    cpusetCpus: '0',
    memoryBytes: MIB,
    pids: 5,
    io: [{ device: '8:0', writeOpsPerS: 3 }],
    ioWeight: 1,
  };
  const change = {
    cpus: null,
    cpuWeight: null,
    cpusetCpus: null,
    cpusetMems: null,
    memoryBytes: null,
    pids: null,
    io: null,
    ioWeight: null,
  };
  expect(resourcesForChange(before, { ...change, memoryHighBytes: null, swapBytes: null })).toEqual({
    cpu: { quota: -1, period: 100_000, shares: 1024, cpus: '', mems: '' },
    memory: { limit: -1, reservation: -1, swap: -1 },
    pids: { limit: -1 },
    blockIO: {
      throttleReadBpsDevice: [],
      throttleWriteBpsDevice: [],
      throttleReadIOPSDevice: [],
      throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 0 }],
    },
    unified: { 'io.weight': '100' },
  });
});

test('swap moves with the memory limit, and is nothing without one', () => {
  const before = { memoryBytes: 10 * MIB, swapBytes: 5 * MIB };
  expect(resourcesForChange(before, { memoryBytes: 20 * MIB })).toEqual({ memory: { limit: 20 * MIB, swap: 25 * MIB } });
  expect(resourcesForChange(before, { swapBytes: null })).toEqual({ memory: { limit: 10 * MIB, swap: -1 } });
  expect(resourcesForChange({ memoryBytes: MIB }, { memoryBytes: 2 * MIB })).toEqual({ memory: { limit: 2 * MIB } });
  expect(() => resourcesForChange(before, { memoryBytes: null })).toThrow('a swap limit needs a memory limit');
  expect(() => resourcesOf({ swapBytes: MIB })).toThrow('a swap limit needs a memory limit');
});
