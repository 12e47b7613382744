import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ancestorsOf, childrenOf, commandName, isKernelThread } from '../processes/ancestry.ts';
import { cgroupsOf, isWithin } from './membership.ts';

/** Above pid_max's greatest value, 2^22. */
const NOBODY = 2 ** 22 + 1;

test('a process is in what /proc says of it, in each hierarchy', () => {
  const paths = cgroupsOf(process.pid);
  const told = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  expect(new Set(paths)).toEqual(new Set(told.map((line) => line.slice(line.indexOf(':/') + 2))));
  expect(cgroupsOf(NOBODY)).toEqual([]);
});

test('within is itself or below, not what begins alike', () => {
  expect(isWithin('a/b', 'a/b')).toBe(true);
  expect(isWithin('a/b/c', 'a/b')).toBe(true);
  expect(isWithin('a/bc', 'a/b')).toBe(false);
  expect(isWithin('a', 'a/b')).toBe(false);
  expect(isWithin('a', '')).toBe(true);
});

test('ancestors lead from the parent to a process that has none', () => {
  const ancestors = ancestorsOf(process.pid) ?? [];
  expect(ancestors[0]).toBe(process.ppid);
  expect(ancestorsOf(ancestors.at(-1) ?? 0)).toEqual([]);
  expect(childrenOf(process.ppid)).toContain(process.pid);
  expect(ancestorsOf(NOBODY)).toBeNull();
  expect(commandName(NOBODY)).toBeNull();
});

test('kthreadd and its children are kernel threads', () => {
  expect(isKernelThread(2)).toBe(commandName(2) === 'kthreadd');
  expect(isKernelThread(process.pid)).toBe(false);
});
