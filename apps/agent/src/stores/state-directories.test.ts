import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateRoot } from '../state-root.ts';
import { makeStateDirectories } from './state-directories.ts';

const NOBODY = 65_534;
let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'plimsoll-directories-'));
});
afterEach(() => rmSync(top, { recursive: true }));

const make = (home: string): void => makeStateDirectories(stateRoot({ PLIMSOLL_ROOT: home }));
const refused = (path: string, what: RegExp): RegExp => new RegExp(`^${path} ${what.source}`);

test('are made below a directory of root, and taken as they are at the next start', () => {
  make(join(top, 'a/b'));
  make(join(top, 'a/b'));
  expect(statSync(join(top, 'a/b/run')).mode & 0o7777).toBe(0o755);
  expect(readdirSync(join(top, 'a/b'))).toEqual(['lib', 'run']);
});

test('are made below a sticky directory of root that everyone can write to', () => {
  mkdirSync(join(top, 'tmp'));
  chmodSync(join(top, 'tmp'), 0o1777);
  make(join(top, 'tmp/r'));
  expect(existsSync(join(top, 'tmp/r/lib'))).toBe(true);
});

test('may lie behind a link of root', () => {
  mkdirSync(join(top, 'disk'));
  symlinkSync('disk', join(top, 'link'));
  make(join(top, 'link/r'));
  expect(existsSync(join(top, 'disk/r/lib'))).toBe(true);
});

/** Each prepares `top/p/r`, and says what is refused. */
const PREPARED: [string, RegExp, (p: string) => string][] = [
  ['a parent that everyone can write to', /is writable/, (p) => (chmodSync(p, 0o777), p)],
  ['a parent that a group can write to', /is writable/, (p) => (chownSync(p, 0, NOBODY), chmodSync(p, 0o775), p)],
  ['a parent of another user', /belongs to the user with id 65534/, (p) => (chownSync(p, NOBODY, NOBODY), p)],
  ['a sticky parent of another user', /belongs to/, (p) => (chownSync(p, NOBODY, NOBODY), chmodSync(p, 0o1777), p)],
  ['a state root of another user', /belongs to/, (p) => of(NOBODY, join(p, 'r'))],
  ['run/ of another user', /belongs to/, (p) => of(NOBODY, join(p, 'r/run'))],
  ['lib/ of another user', /belongs to/, (p) => of(NOBODY, join(p, 'r/lib'))],
  ['lib/ that everyone can write to', /is writable/, (p) => (chmodSync(of(0, join(p, 'r/lib')), 0o777), join(p, 'r/lib'))],
  [
    'lib/ that everyone can write to, sticky',
    /is writable/,
    (p) => (chmodSync(of(0, join(p, 'r/lib')), 0o1777), join(p, 'r/lib')),
  ],
  ['a parent that the group of root can write to', /is writable/, (p) => (chmodSync(p, 0o775), p)],
  ['images of another user', /belongs to/, (p) => of(NOBODY, join(of(0, join(p, 'r/lib')), 'images'))],
  ['a token of another user', /belongs to/, (p) => file(NOBODY, join(of(0, join(p, 'r/run')), 'local.token'))],
  ['run/ as a link', /is a symbolic link/, (p) => (of(0, join(p, 'r')), symlinkSync('/srv', join(p, 'r/run')), join(p, 'r/run'))],
  ['a state root as a link', /is a symbolic link/, (p) => (symlinkSync('/srv', join(p, 'r')), join(p, 'r'))],
  ['lib as a file', /is not a directory/, (p) => (of(0, join(p, 'r')), writeFileSync(join(p, 'r/lib'), ''), join(p, 'r/lib'))],
];

test.each(PREPARED)('%s is refused, and nothing is made', (_, what, prepare) => {
  const p = join(top, 'p');
  mkdirSync(p);
  const path = prepare(p);
  const before = readdirSync(top, { recursive: true });
  expect(() => make(join(p, 'r'))).toThrow(refused(path, what));
  expect(readdirSync(top, { recursive: true })).toEqual(before);
});

test("a link of another user, and a link into another user's directory, are refused", () => {
  const theirs = of(NOBODY, join(top, 'theirs'));
  symlinkSync('theirs', join(top, 'link'));
  expect(() => make(join(top, 'link/r'))).toThrow(refused(theirs, /belongs to/));
  mkdirSync(join(top, 'ours'));
  symlinkSync('ours', join(theirs, 'link'));
  expect(() => make(join(theirs, 'link/r'))).toThrow(refused(theirs, /belongs to/));
});

test('links in a circle are refused', () => {
  symlinkSync('b', join(top, 'a'));
  symlinkSync('a', join(top, 'b'));
  expect(() => make(join(top, 'a/r'))).toThrow(/too many symbolic links/);
});

function of(uid: number, path: string): string {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, uid);
  return path;
}

function file(uid: number, path: string): string {
  writeFileSync(path, '');
  chownSync(path, uid, uid);
  return path;
}
