import { expect, test } from 'vitest';
import { containerRecord as record, groupRecord } from './container-record.fixture.ts';
import { Registry } from './registry.ts';

const A = 'aaaa000000000000';
const B = 'aaaa111111111111';

test('a container is found by id, by name, and by the beginning of its id', () => {
  const registry = new Registry();
  registry.replace({ groups: [], records: [record(A, 'one'), record(B, 'aaaa')] });
  expect(registry.resolve(A).name).toBe('one');
  expect(registry.resolve('aaaa1').id).toBe(B);
  expect(registry.resolve('aaaa').id, 'a name comes before a prefix').toBe(B);
  expect(() => registry.resolve('aaa')).toThrow(/no container "aaa"/);
  registry.remove(B);
  registry.update(record(B, 'two'));
  expect(() => registry.resolve('aaaa')).toThrow(/2 container ids begin/);
});

test('a container that was renamed is found by its new name alone, also where two have exchanged theirs', () => {
  const registry = new Registry();
  const seen: string[] = [];
  registry.replace({ groups: [], records: [record(A, 'one'), record(B, 'two')] });
  registry.on('container', ({ id, name }) => seen.push(`${id} ${name}`));
  registry.update(record(A, 'three'));
  expect(registry.resolve('three').id).toBe(A);
  expect(() => registry.resolve('one')).toThrow(/no container "one"/);
  expect(registry.isNameTaken('one')).toBe(false);
  registry.replace({ groups: [], records: [record(A, 'two'), record(B, 'three')] });
  expect([registry.resolve('two').id, registry.resolve('three').id]).toEqual([A, B]);
  expect(seen).toEqual([`${A} three`, `${A} two`, `${B} three`]);
});

test('before the supervisor was heard nothing is said about containers', () => {
  expect(() => new Registry().resolve('one')).toThrow(/supervisor/);
});

test('a whole state replaces the one before, groups ahead of what is in them and gone after it', () => {
  const registry = new Registry();
  const seen: string[] = [];
  registry.on('group', ({ path, frozenAt }) => seen.push(`+${path} ${frozenAt}`));
  registry.on('group-removed', ({ path }) => seen.push(`-${path}`));
  registry.on('container', ({ name }) => seen.push(`+${name}`));
  registry.on('removed', ({ name }) => seen.push(`-${name}`));
  const groups = [groupRecord('acme'), groupRecord('acme/web')];
  registry.replace({ groups, records: [record(A, 'one')] });
  registry.replace({ groups, records: [record(A, 'one')] });
  registry.updateGroup(groupRecord('acme', { frozenAt: '2026-01-01T00:00:02.000Z' }));
  registry.replace({ groups: [groupRecord('acme')], records: [] });
  const both = ['+acme null', '+acme/web null', '+one'];
  expect(seen).toEqual([...both, '+acme 2026-01-01T00:00:02.000Z', '-one', '-acme/web', '+acme null']);
});

test('a group keeps its handle through changes, and shares it with no container', () => {
  const registry = new Registry();
  const { handle } = registry.updateGroup(groupRecord('acme'));
  expect(registry.update(record(A, 'one', { group: 'acme' })).handle).not.toBe(handle);
  expect(registry.updateGroup(groupRecord('acme', { displayName: 'Acme' })).handle).toBe(handle);
});

test('a handle lasts as long as its container', () => {
  const registry = new Registry();
  const { handle } = registry.update(record(A, 'one'));
  expect(registry.update(record(A, 'one', { incarnation: 1 })).handle).toBe(handle);
  registry.remove(A);
  expect(registry.update(record(A, 'one')).handle).not.toBe(handle);
});

test('a reserved name is taken, and its image and volumes in use, until it is let go', () => {
  const registry = new Registry();
  {
    using _ = registry.reserve('one', 'debian:12', ['data']);
    expect(() => registry.reserve('one', 'base')).toThrow(/already/);
    expect(registry.usersOf('debian:12')).toEqual(['one']);
    expect(registry.usersOfVolume('data')).toEqual(['one']);
  }
  expect(registry.usersOfVolume('data')).toEqual([]);
  expect(registry.isNameTaken('one')).toBe(false);
});

test('a volume is used by whoever mounts it, once each, whether it runs or not', () => {
  const registry = new Registry();
  const mount = (destination: string) => ({ kind: 'volume', volume: 'data', destination, readOnly: false }) as const;
  registry.update(record(A, 'one', { mounts: [mount('/a'), mount('/b')] }));
  registry.update(record(B, 'two'));
  expect(registry.usersOfVolume('data')).toEqual(['one']);
});
