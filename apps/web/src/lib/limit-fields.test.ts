import type { HostFeature } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { limitAbout, limitOfFile, missingLimits } from './limit-fields.ts';

const feature = (name: string, available: boolean): HostFeature => ({ name, available, gives: '', detail: 'not mounted' });

it('names the limits that a host lacks, and why', () => {
  const missing = missingLimits({ controllers: [feature('cpu', true), feature('memory', false)], kernelFeatures: [] });
  expect(Object.keys(missing).toSorted()).toEqual(['memoryBytes', 'memoryHighBytes', 'swapBytes']);
  expect(missing.memoryBytes).toBe('Not on this host: memory: not mounted');
  expect(missingLimits(null)).toEqual({});
});

it.each([
  ['cpu.max', 'cpus'],
  ['cpu.cfs_quota_us', 'cpus'],
  ['cpu.shares', 'cpuWeight'],
  ['memory.memsw.limit_in_bytes', 'swapBytes'],
  ['memory.soft_limit_in_bytes', 'memoryHighBytes'],
  ['blkio.throttle.read_bps_device', 'io'],
  ['blkio.bfq.weight', 'ioWeight'],
  ['memory.events', undefined],
])('%s holds %s', (file, limit) => expect(limitOfFile(file)).toBe(limit));

it.each([
  ['limits.memoryBytes', 'memoryBytes'],
  ['group "a": cannot set the soft memory limit: the kernel refuses "1" (EINVAL)', 'memoryHighBytes'],
  ['container "x": the memory limit cannot be 1048576 bytes: more than that is in use', 'memoryBytes'],
  ['container "x": cannot choose the cpus: the kernel refuses "7" (EINVAL)', 'cpusetCpus'],
  ['an io weight needs the io controller', 'ioWeight'],
  ['there is no container "x"', undefined],
])('%s', (message, limit) => expect(limitAbout(message)).toBe(limit));
