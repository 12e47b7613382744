import { cgroupsOf } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { GuardedCgroups, hintFor, withAncestors } from './guards.ts';

const OWN = 'plimsoll-0123abcd';
const ME = { pid: process.pid, is: 'this test' };

test('ancestors guard as well, and each process once, under its own name', () => {
  const guards = withAncestors([{ pid: 1, is: 'process 1' }, ME]);
  expect(guards.slice(0, 2)).toEqual([{ pid: 1, is: 'process 1' }, ME]);
  expect(guards).toContainEqual({ pid: process.ppid, is: 'an ancestor of this test' });
  expect(new Set(guards.map(({ pid }) => pid)).size).toBe(guards.length);
});

test('a cgroup is guarded by what is in it or below, and is not by what is elsewhere', () => {
  const guarded = new GuardedCgroups([ME], OWN);
  for (const path of cgroupsOf(process.pid).filter((one) => one !== '')) {
    const parts = path.split('/');
    for (const [i] of parts.entries()) {
      expect(guarded.reason(parts.slice(0, i + 1).join('/'))).toContain(`it holds this test (process ${process.pid}, `);
    }
    expect(guarded.reason(`${path}-not`)).toBeNull();
  }
  expect(guarded.reason('surely/not')).toBeNull();
});

test('the root and what is of this Plimsoll are guarded whoever is in them, each with its own next step', () => {
  const guarded = new GuardedCgroups([], OWN);
  expect(guarded.reason('')).toMatch(/root/);
  expect(guarded.reason(OWN)).toMatch(/belongs to this Plimsoll/);
  expect(guarded.reason(`${OWN}/acme/web`)).toMatch(/belongs to this Plimsoll/);
  expect(guarded.reason(`${OWN}ef`)).toBeNull();
  expect(new Set(['', OWN, 'acme'].map((path) => hintFor(path, OWN))).size).toBe(3);
});
