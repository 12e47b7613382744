import { mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BindSources, directoryIdentity, UntrustedSource } from './bind-source.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plim-bind-source-'));
  for (const path of ['host/real', 'shared/sub/deep']) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'host/file'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string): string => join(root, path);
const link = (target: string, path: string) => symlinkSync(target, at(path));

/** What a source leads to, where a container may write below `shared`. */
function openedFrom(source: string): string {
  const writable = new Map([[directoryIdentity(statSync(at('shared'), { bigint: true })), 'what it shares']]);
  using sources = BindSources.open([{ destination: '/x', type: 'bind', source, options: [] }], writable);
  return readlinkSync(`/proc/self/fd/${sources.get(source)}`);
}

test.each(['host/real', 'host/file', 'shared', 'shared/sub/deep', 'shared/sub/../sub'])('%s is opened', (path) => {
  expect(openedFrom(`${root}/${path}`)).toBe(at(path));
  expect(openedFrom(`/${root}//./${path}/`)).toBe(at(path));
});

test('a link of the host is followed: absolute, relative, one after another, and into what is shared', () => {
  link(at('host'), 'absolute');
  link('../host/real', 'host/up');
  link('absolute/up', 'chain');
  link('shared/sub', 'into');
  expect(openedFrom(at('chain'))).toBe(at('host/real'));
  expect(openedFrom(at('into/deep'))).toBe(at('shared/sub/deep'));
});

test.each([
  ['at the end', 'shared/out', () => at('host')],
  ['on the way', 'shared/sub/out', () => '..'],
  ['to nowhere', 'shared/nowhere', () => '/no/such'],
])('a link below what a container may write to is refused: %s', (_, path, target) => {
  link(target(), path);
  for (const more of ['', '/', '/real']) {
    expect(() => openedFrom(at(path) + more)).toThrow(UntrustedSource);
  }
});

test('it is refused on whatever path that directory is reached', () => {
  link(at('shared'), 'alias');
  link(at('host'), 'shared/out');
  expect(() => openedFrom(at('alias/out'))).toThrow(`${at('alias/out')} leads through a symbolic link below what it shares`);
});

test('it is refused below the path of a directory that cannot be looked up, whichever link leads there', () => {
  link(at('host'), 'shared/out');
  link('shared', 'alias');
  const mounts = (source: string) => [{ destination: '/x', type: 'bind', source, options: [] }];
  for (const source of ['shared/out', 'alias/out', 'host/../shared/out'].map(at)) {
    expect(() => BindSources.open(mounts(source), new Map([[at('shared'), 'it']]))).toThrow(UntrustedSource);
  }
});

test('a way out by ".." is refused', () => {
  expect(() => openedFrom(`${root}/shared/../host`)).toThrow(UntrustedSource);
});

test.each([
  ['what is not there', 'host/none', 'ENOENT'],
  ['what is not there, in what is shared', 'shared/none', 'ENOENT'],
  ['a part that is a file', 'host/file/x', 'ENOTDIR'],
  ['links that lead to each other', 'loop', 'ELOOP'],
])('%s is named with its errno', (_, path, code) => {
  link('loop2', 'loop');
  link('loop', 'loop2');
  expect(() => openedFrom(at(path))).toThrow(new RegExp(`^take hold of ${at(path)}: openat2?: ${code}`));
});

test('a link of procfs leads nowhere but to its text', () => {
  expect(() => openedFrom(`/proc/self/fd/0/x`)).toThrow(/ENOENT|ENOTDIR/);
});
