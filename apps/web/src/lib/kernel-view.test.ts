import type { HostCgroup } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { hierarchiesInShort, kernelFilter, kernelHref, readKernelView, selectedCgroup, usuallyOpen } from './kernel-view.ts';

const plain = { query: '', owner: null };
const cgroup = (path: string, owner: HostCgroup['owner']) => ({ path, owner }) as HostCgroup;

it.each([null, '', 'system.slice/cron.service', 'user.slice/user@0.service/a b', String.raw`dev-disk-by\x2duuid.swap`])(
  'leads to %j and back',
  (path) => {
    const { pathname, searchParams } = new URL(kernelHref(path, { query: 'cron', owner: 'systemd' }), 'http://localhost');
    expect(selectedCgroup(pathname, searchParams)).toBe(path);
    expect(readKernelView(searchParams)).toEqual({ query: 'cron', owner: 'systemd' });
  },
);

it('has a plain address for the plain page', () => {
  expect(kernelHref(null, plain)).toBe('/kernel');
  expect(kernelHref('a/b', plain)).toBe('/kernel/a/b');
  expect(readKernelView(new URLSearchParams('owner=nobody'))).toEqual(plain);
});

it('finds by every word, and by owner', () => {
  expect(kernelFilter(plain)).toBeUndefined();
  const matches = kernelFilter({ query: 'SLICE cron', owner: null });
  expect(matches?.(cgroup('system.slice/cron.service', 'systemd'))).toBe(true);
  expect(matches?.(cgroup('system.slice', 'systemd'))).toBe(false);
  expect(kernelFilter({ query: '', owner: 'docker' })?.(cgroup('docker/x', 'systemd'))).toBe(false);
});

it('opens few, and of many what leads to the selected one', () => {
  expect(usuallyOpen(10, null)('a/b')).toBe(true);
  const open = usuallyOpen(1000, 'a/b/c');
  expect(['', 'a', 'a/b', 'a/b/c', 'x'].filter(open)).toEqual(['', 'a', 'a/b']);
});

it('counts hierarchies', () => {
  expect(hierarchiesInShort(['v2'])).toBe('v2');
  expect(hierarchiesInShort(['v2', 'memory', 'cpu,cpuacct'])).toBe('v2 + 2 of v1');
  expect(hierarchiesInShort(['memory'])).toBe('1 of v1');
});
