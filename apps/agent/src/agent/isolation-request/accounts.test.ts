import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { errorInWords } from '@plimsoll/protocol';
import { refusalOf } from './refusal.fixture.ts';
import { AccountFiles, MOST_LINES } from './account-files.ts';
import { homeOf, identityOf } from './accounts.ts';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/false\nbroken:x:-1:0\n:x:1:1\nhuge:x:4294967295:0\n';
const GROUP = 'root:x:0:\nwww:x:34:\nadm:x:4:syslog,web\naudio:x:29:web\n';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plim-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** The root of a layer with these files. */
function layer(name: string, files: Record<string, string>): string {
  const root = join(directory, name);
  mkdirSync(join(root, 'etc'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
}

const accountsOf = (layers: readonly string[]) => new AccountFiles(layers);
const usual = () => [layer('usual', { 'etc/passwd': PASSWD, 'etc/group': GROUP })];

test.each([
  [undefined, [], { uid: 0, gid: 0, additionalGids: [] }],
  ['1000', [], { uid: 1000, gid: 0, additionalGids: [] }],
  ['1000:1000', [], { uid: 1000, gid: 1000, additionalGids: [] }],
  ['web', [], { uid: 33, gid: 34, additionalGids: [4, 29] }],
  ['33', [], { uid: 33, gid: 34, additionalGids: [4, 29] }],
  ['web:adm', [], { uid: 33, gid: 4, additionalGids: [] }],
  ['web:7', ['audio', '8', '7'], { uid: 33, gid: 7, additionalGids: [29, 8] }],
  ['0', ['adm', '4'], { uid: 0, gid: 0, additionalGids: [4] }],
])('user %s with groups %j', (user, groups, expected) => {
  expect(identityOf({ user, groups }, accountsOf(usual()))).toEqual(expected);
});

test.each([['nobody'], ['web:none'], ['broken'], ['huge']])('user %s is not there', (user) => {
  const error = refusalOf(() => identityOf({ user, groups: [] }, accountsOf(usual())));
  expect(errorInWords(error)).toMatch(/^user: there is no (?:user|group) .* in the image's \/etc\//);
});

test('numbers need no file', () => {
  expect(identityOf({ user: '5:6', groups: ['7'] }, accountsOf([layer('empty', {})]))).toEqual({
    uid: 5,
    gid: 6,
    additionalGids: [7],
  });
});

test('the topmost layer that has the file has the word', () => {
  const upper = layer('upper', { 'etc/passwd': 'web:x:50:51::/:\n' });
  expect(identityOf({ user: 'web', groups: [] }, accountsOf([layer('none', {}), upper, ...usual()]))).toMatchObject({
    uid: 50,
    gid: 51,
  });
});

test('a link leads on inside of the image, and never out of it', () => {
  const outside = join(directory, 'outside');
  writeFileSync(outside, 'host:x:1:1::/:\n');
  const root = layer('links', { passwd: PASSWD });
  symlinkSync('../../../../passwd', join(root, 'etc/passwd'));
  expect(identityOf({ user: 'web', groups: [] }, accountsOf([root]))).toMatchObject({ uid: 33 });
  const escaping = layer('escaping', {});
  symlinkSync(outside, join(escaping, 'etc/passwd'));
  expect(() => identityOf({ user: 'host', groups: [] }, accountsOf([escaping]))).toThrow('there is no user "host"');
  const round = layer('round', {});
  symlinkSync('passwd', join(round, 'etc/passwd'));
  expect(() => identityOf({ user: 'web', groups: [] }, accountsOf([round]))).toThrow('there is no user "web"');
});

test.each([
  [undefined, 0, '/root'],
  ['0', 0, '/root'],
  ['root', 0, '/root'],
  ['web', 33, '/srv'],
  ['33', 33, '/srv'],
  ['033', 33, '/srv'],
  ['33:7', 33, '/srv'],
  ['web:adm', 33, '/srv'],
  ['1000:1000', 1000, '/'],
])('the home of user %s', (user, uid, home) => {
  expect(homeOf({ user }, uid, accountsOf(usual()))).toBe(home);
});

test('a home that is no absolute path, or no text, is none', () => {
  const homes = ['', 'srv', './srv', '/s\u0000rv', '/s\u001b[2Jrv', '/s\ufffdrv', `/${'x'.repeat(4095)}`];
  const passwd = homes.map((home, i) => `user${i}:x:${i + 1}:1::${home}:/bin/sh\n`).join('');
  const layers = [layer('odd', { 'etc/passwd': passwd })];
  for (const [i, home] of homes.entries()) expect(homeOf({ user: `user${i}` }, i + 1, accountsOf(layers)), home).toBe('/');
  const spaces = layer('spaces', { 'etc/passwd': 'root:x:0:0::/the root/ü:\n' });
  expect(homeOf({}, 0, accountsOf([spaces]))).toBe('/the root/ü');
  expect(homeOf({}, 0, accountsOf([layer('short', { 'etc/passwd': 'root:x:0\n' })]))).toBe('/root');
});

test('what an image has in place of the file neither hangs nor harms', async () => {
  const place = (name: string) => join(layer(name, {}), 'etc/passwd');
  execFileSync('mkfifo', [place('fifo')]);
  mkdirSync(place('directory'));
  writeFileSync(place('binary'), Buffer.from([0x72, 0x6f, 0x6f, 0x74, 0, 0xff, 0xfe, 0x0a, 0x3a]));
  writeFileSync(place('huge'), 'root:x:0:0::/huge:/bin/sh\n');
  truncateSync(join(directory, 'huge/etc/passwd'), 8 * 1024 ** 4);
  symlinkSync(`/${'x'.repeat(300)}`, place('long-name'));
  symlinkSync(Array.from({ length: 15 }, () => 'x'.repeat(250)).join('/'), place('long-path'));
  symlinkSync('/dev/zero', place('device-of-the-host'));
  const server = createServer().listen(place('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const names = ['fifo', 'directory', 'binary', 'huge', 'long-name', 'long-path', 'device-of-the-host', 'socket'];
    for (const name of names) {
      const layers = [join(directory, name)];
      expect(homeOf({}, 0, accountsOf(layers)), name).toBe('/root');
      expect(homeOf({ user: '7' }, 7, accountsOf(layers)), name).toBe('/');
      expect(() => identityOf({ user: 'web', groups: [] }, accountsOf(layers)), name).toThrow('there is no user "web"');
    }
  } finally {
    server.close();
  }
});

/** The longest string that is split while `work` is under way: a file that is split whole is as long as the file. */
function longestSplit(work: () => void): number {
  const split = vi.spyOn(String.prototype, 'split');
  try {
    work();
    return split.mock.contexts.reduce<number>((longest, text) => Math.max(longest, String(text).length), 0);
  } finally {
    split.mockRestore();
  }
}

const LAST = 'last:x:9:8::/of-the-last:\n';

test.each([
  ['newlines', '\n'],
  ['short entries', 'a:x:1:\n'],
  ['lines without a field', 'abcdef\n'],
  ['usual entries', 'account:x:1000:1000:A Person:/home/account:/bin/sh\n'],
])('files of the most lines, of %s, are walked line by line to the last one', (_, line) => {
  // Usual entries fill 1 MiB with fewer lines.
  const lines = Math.min(MOST_LINES - 1, Math.floor((1024 ** 2 - LAST.length) / line.length));
  const text = line.repeat(lines);
  const layers = [layer('long', { 'etc/passwd': `${text}${LAST}`, 'etc/group': `${text}last:x:8:last\n` })];
  const longest = longestSplit(() => {
    const accounts = accountsOf(layers);
    expect(identityOf({ user: 'last', groups: ['last'] }, accounts)).toEqual({ uid: 9, gid: 8, additionalGids: [] });
    expect(homeOf({ user: 'last' }, 9, accounts)).toBe('/of-the-last');
    expect(homeOf({ user: '9' }, 9, accountsOf(layers))).toBe('/of-the-last');
  });
  expect(longest).toBeLessThan(1024);
});

test('a lookup stops at its line', () => {
  const text = `${PASSWD}${'other:x:1:1::/:\n'.repeat(1000)}`;
  const accounts = accountsOf([layer('stops', { 'etc/passwd': text, 'etc/group': GROUP })]);
  const split = vi.spyOn(String.prototype, 'split');
  try {
    expect(accounts.user('web')).toMatchObject({ uid: 33 });
    expect(split.mock.contexts.filter((line) => String(line).startsWith('other:'))).toEqual([]);
  } finally {
    split.mockRestore();
  }
});

test('a name beyond the most lines, or in a file above the most bytes, is refused with that reason', () => {
  const long = layer('beyond', {
    'etc/passwd': `${'\n'.repeat(MOST_LINES)}${LAST}`,
    'etc/group': `${'\n'.repeat(MOST_LINES)}last:x:8:\n`,
  });
  const large = layer('above', { 'etc/passwd': `${LAST}${'\n'.repeat(1024 ** 2)}`, 'etc/group': '' });
  const refused = (root: string, user: string) =>
    errorInWords(refusalOf(() => identityOf({ user, groups: [] }, accountsOf([root]))));
  expect(refused(long, 'last')).toContain(
    `no user "last" in the image's /etc/passwd, of which the first ${MOST_LINES} lines are read`,
  );
  expect(refused(long, '9:last')).toContain(
    `no group "last" in the image's /etc/group, of which the first ${MOST_LINES} lines are read`,
  );
  expect(refused(large, 'last')).toContain(
    `no user "last" in the image's /etc/passwd, which is ignored: it is larger than 1 MiB`,
  );
  expect(refused(layer('other', { 'etc/passwd': PASSWD }), 'last')).toMatch(/\/etc\/passwd(?:\. |$)/m);
  expect(homeOf({ user: '9' }, 9, accountsOf([long]))).toBe('/');
});

test('each file is read once for a request, and only for a lookup that needs it', () => {
  const root = layer('once', { 'etc/passwd': PASSWD, 'etc/group': GROUP });
  const accounts = accountsOf([root]);
  expect(identityOf({ user: '0', groups: ['7'] }, accounts)).toMatchObject({ uid: 0 });
  // Whatever is read from now on is different.
  writeFileSync(join(root, 'etc/passwd'), PASSWD.replace('/srv', '/first'));
  expect(identityOf({ user: 'web', groups: [] }, accounts)).toMatchObject({ uid: 33 });
  for (const name of ['passwd', 'group']) writeFileSync(join(root, 'etc', name), '');
  expect(homeOf({ user: 'web' }, 33, accounts)).toBe('/first');
  expect(identityOf({ user: '33', groups: ['adm'] }, accounts)).toMatchObject({ gid: 34, additionalGids: [4, 29] });
});
