import type { Limits } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { limitsChange, limitTexts, NO_DISK, NO_LIMITS, readLimits, readNewLimits, type LimitTexts } from './limit-texts.ts';

const MIB = 1024 ** 2;
const limits: Limits = {
  cpus: 1.5,
  cpuWeight: 200,
  cpusetCpus: '0-1',
  memoryBytes: 64 * MIB,
  swapBytes: 0,
  pids: 32,
  io: [{ device: '8:0', readBytesPerS: 10 * MIB, writeOpsPerS: 100 }],
};

it('writes limits so that it reads them again', () => {
  const texts = limitTexts(limits);
  expect(texts).toMatchObject({ cpus: '1.5', memoryBytes: '64m', swapBytes: '0', ioWeight: '' });
  expect(texts.io).toEqual([{ ...NO_DISK, device: '8:0', readBytesPerS: '10m', writeOpsPerS: '100' }]);
  expect(readLimits(texts)).toEqual({ limits });
});

it('takes what is empty as no limit', () => {
  expect(readLimits({ ...NO_LIMITS, cpus: '  ', io: [NO_DISK] })).toEqual({ limits: {} });
});

it.each<[Partial<LimitTexts>, string]>([
  [{ cpus: 'many' }, 'cpus'],
  [{ cpus: '0.001' }, 'cpus'],
  [{ memoryBytes: 'x' }, 'memoryBytes'],
  [{ memoryBytes: '12k' }, 'memoryBytes'],
  [{ pids: '0' }, 'pids'],
  [{ pids: '1.5' }, 'pids'],
  [{ cpuWeight: '99999' }, 'cpuWeight'],
  [{ cpusetCpus: '3-1' }, 'cpusetCpus'],
  [{ io: [{ ...NO_DISK, device: '8:0' }] }, 'io'],
  [{ io: [{ ...NO_DISK, readBytesPerS: '1m' }] }, 'io'],
  [{ io: [{ ...NO_DISK, device: '8:0', readOpsPerS: 'few' }] }, 'io'],
])('%o is wrong at its field', (texts, field) => {
  const read = readLimits({ ...NO_LIMITS, ...texts });
  const errors = 'errors' in read ? read.errors : {};
  expect(Object.keys(errors)).toEqual([field]);
  expect(Object.values(errors)[0]).toMatch(/^["A-Z].*\.$/);
});

it.each(['memoryBytes', 'memoryHighBytes', 'swapBytes'] as const)('says in %s that a unit is missing', (field) => {
  expect(readLimits({ ...NO_LIMITS, [field]: '64' })).toEqual({
    errors: { [field]: '64 bytes is less than 1 MiB; a unit is missing: 64m is 64 MiB.' },
  });
});

it('takes what the command line takes', () => {
  expect(readLimits({ ...NO_LIMITS, cpus: '.5', memoryBytes: '0.1g', swapBytes: '0' })).toEqual({
    limits: { cpus: 0.5, memoryBytes: 107_374_182, swapBytes: 0 },
  });
});

it('says which rate of a disk it cannot read', () => {
  const io = [{ ...NO_DISK, device: '8:0', readBytesPerS: 'fast' }];
  expect(readLimits({ ...NO_LIMITS, io })).toMatchObject({
    errors: { io: expect.stringMatching(/^Read per second: give a size such as .*\.$/) as unknown },
  });
});

it('changes only what differs, and takes away what is gone', () => {
  const { pids: _, ...rest } = limits;
  expect(limitsChange(limits, { ...rest, cpus: 2 })).toEqual({ cpus: 2, pids: null });
  expect(limitsChange(limits, { ...limits })).toEqual({});
  expect(limitsChange(limits, { ...limits, io: [{ device: '8:0', readBytesPerS: 1 }] })).toEqual({
    io: [{ device: '8:0', readBytesPerS: 1 }],
  });
});

it('takes the word unlimited as no limit, and says it of a new container, which has a default', () => {
  const texts = { ...NO_LIMITS, cpus: 'unlimited', pids: 'unlimited' };
  expect(readLimits(texts)).toEqual({ limits: {} });
  expect(readNewLimits(texts)).toEqual({ limits: { pids: null } });
  expect(readNewLimits(NO_LIMITS)).toEqual({ limits: {} });
});
