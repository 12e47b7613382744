import { expect, test } from 'vitest';
import { stateRoot } from './state-root.ts';

test('a Plimsoll lies where people look for it', () => {
  expect(stateRoot({})).toMatchObject({
    home: '/var/lib/plimsoll',
    run: '/run/plimsoll',
    lib: '/var/lib/plimsoll',
    cgroup: 'plimsoll',
  });
});

test('PLIMSOLL_ROOT holds all of another one', () => {
  expect(stateRoot({ PLIMSOLL_ROOT: '/srv//plim/' })).toMatchObject({
    home: '/srv/plim',
    run: '/srv/plim/run',
    lib: '/srv/plim/lib',
    cgroup: expect.stringMatching(/^plimsoll-[0-9a-f]{8}$/),
  });
});

test.each(['plim', `/${'x'.repeat(100)}`])('PLIMSOLL_ROOT cannot be %s', (path) => {
  expect(() => stateRoot({ PLIMSOLL_ROOT: path })).toThrow('PLIMSOLL_ROOT');
});
