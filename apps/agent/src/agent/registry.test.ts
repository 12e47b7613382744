import { expect, test } from 'vitest';
import { containerRecord as record } from './container-record.fixture.ts';
import { Registry } from './registry.ts';

const A = 'aaaa000000000000';
const B = 'aaaa111111111111';

test('a container is found by id, by name, and by the beginning of its id', () => {
  const registry = new Registry('plimsoll');
  registry.replace([record(A, 'one'), record(B, 'aaaa')]);
  expect(registry.resolve(A).name).toBe('one');
  expect(registry.resolve('aaaa1').id).toBe(B);
  expect(registry.resolve('aaaa').id, 'a name comes before a prefix').toBe(B);
  expect(() => registry.resolve('aaa')).toThrow(/no container "aaa"/);
  registry.remove(B);
  registry.update(record(B, 'two'));
  expect(() => registry.resolve('aaaa')).toThrow(/2 container ids begin/);
});

test('before the supervisor was heard nothing is said about containers', () => {
  expect(() => new Registry('plimsoll').resolve('one')).toThrow(/supervisor/);
});

test('groups come before their first container and go after their last', () => {
  const registry = new Registry('plimsoll');
  const seen: string[] = [];
  registry.on('group', ({ path, cgroup }) => seen.push(`+${path} ${cgroup}`));
  registry.on('group-removed', ({ path }) => seen.push(`-${path}`));
  registry.on('container', ({ name }) => seen.push(`+${name}`));
  registry.on('removed', ({ name }) => seen.push(`-${name}`));
  registry.replace([record(A, 'one')]);
  registry.update(record(A, 'one'));
  registry.replace([]);
  expect(seen).toEqual(['+acme plimsoll/acme', '+acme/web plimsoll/acme/web', '+one', '-one', '-acme/web', '-acme']);
});

test('a handle lasts as long as its container', () => {
  const registry = new Registry('plimsoll');
  const { handle } = registry.update(record(A, 'one'));
  expect(registry.update(record(A, 'one', { incarnation: 1 })).handle).toBe(handle);
  registry.remove(A);
  expect(registry.update(record(A, 'one')).handle).not.toBe(handle);
});

test('a reserved name is taken, and its image in use, until it is let go', () => {
  const registry = new Registry('plimsoll');
  {
    using _ = registry.reserve('one', 'debian:12');
    expect(() => registry.reserve('one', 'base')).toThrow(/already/);
    expect(registry.usersOf('debian:12')).toEqual(['one']);
  }
  expect(registry.isNameTaken('one')).toBe(false);
});
