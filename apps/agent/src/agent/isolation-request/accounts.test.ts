import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errorInWords } from '@plimsoll/protocol';
import { refusalOf } from './refusal.fixture.ts';
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
  expect(identityOf({ user, groups }, usual())).toEqual(expected);
});

test.each([['nobody'], ['web:none'], ['broken'], ['huge']])('user %s is not there', (user) => {
  const error = refusalOf(() => identityOf({ user, groups: [] }, usual()));
  expect(errorInWords(error)).toMatch(/^user: there is no (?:user|group) .* in the image's \/etc\//);
});

test('numbers need no file', () => {
  expect(identityOf({ user: '5:6', groups: ['7'] }, [layer('empty', {})])).toEqual({ uid: 5, gid: 6, additionalGids: [7] });
});

test('the topmost layer that has the file has the word', () => {
  const upper = layer('upper', { 'etc/passwd': 'web:x:50:51::/:\n' });
  expect(identityOf({ user: 'web', groups: [] }, [layer('none', {}), upper, ...usual()])).toMatchObject({ uid: 50, gid: 51 });
});

test('a link leads on inside of the image, and never out of it', () => {
  const outside = join(directory, 'outside');
  writeFileSync(outside, 'host:x:1:1::/:\n');
  const root = layer('links', { passwd: PASSWD });
  symlinkSync('../../../../passwd', join(root, 'etc/passwd'));
  expect(identityOf({ user: 'web', groups: [] }, [root])).toMatchObject({ uid: 33 });
  const escaping = layer('escaping', {});
  symlinkSync(outside, join(escaping, 'etc/passwd'));
  expect(() => identityOf({ user: 'host', groups: [] }, [escaping])).toThrow('there is no user "host"');
  const round = layer('round', {});
  symlinkSync('passwd', join(round, 'etc/passwd'));
  expect(() => identityOf({ user: 'web', groups: [] }, [round])).toThrow('there is no user "web"');
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
  expect(homeOf({ user }, uid, usual())).toBe(home);
});

test('a home that is no absolute path, or no text, is none', () => {
  const homes = ['', 'srv', './srv', '/s\u0000rv', '/s\u001b[2Jrv', '/s\ufffdrv', `/${'x'.repeat(4095)}`];
  const passwd = homes.map((home, i) => `user${i}:x:${i + 1}:1::${home}:/bin/sh\n`).join('');
  const layers = [layer('odd', { 'etc/passwd': passwd })];
  for (const [i, home] of homes.entries()) expect(homeOf({ user: `user${i}` }, i + 1, layers), home).toBe('/');
  const spaces = layer('spaces', { 'etc/passwd': 'root:x:0:0::/the root/ü:\n' });
  expect(homeOf({}, 0, [spaces])).toBe('/the root/ü');
  expect(homeOf({}, 0, [layer('short', { 'etc/passwd': 'root:x:0\n' })])).toBe('/root');
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
      expect(homeOf({}, 0, layers), name).toBe('/root');
      expect(homeOf({ user: '7' }, 7, layers), name).toBe('/');
      expect(() => identityOf({ user: 'web', groups: [] }, layers), name).toThrow('there is no user "web"');
    }
  } finally {
    server.close();
  }
});
