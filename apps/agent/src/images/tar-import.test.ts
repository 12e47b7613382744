import fs from 'node:fs';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImportSpace } from './import-space.ts';
import { type ImportLimits, IMPORT_LIMITS, RootfsWriter } from './rootfs-writer.ts';
import { importTar } from './tar-import.ts';
import { END, entry, pax } from './tar-bytes.fixture.ts';

let directory: string;
let rootfs: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-tar-'));
  rootfs = join(directory, 'rootfs');
  mkdirSync(rootfs);
});

afterEach(() => rmSync(directory, { recursive: true }));

async function unpack(blocks: Uint8Array[], limits: ImportLimits = IMPORT_LIMITS): Promise<RootfsWriter> {
  const path = join(directory, 'archive');
  writeFileSync(path, Buffer.concat(blocks));
  const writer = new RootfsWriter(rootfs, limits, new ImportSpace(rootfs));
  await importTar(path, writer, limits);
  writer.finish();
  return writer;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use of this process's heap, and of its buffers outside it. */
function liveBytes(): number {
  // The second waits for what the first has found to be freed.
  for (let i = 0; i < 2; i++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const at = (name: string) => join(rootfs, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

describe('a rootfs tar', () => {
  it('keeps content, modes with setuid, owners, links and times', async () => {
    await unpack([
      entry({ name: './', type: 'directory', mode: 0o751 }),
      entry({ name: './bin/', type: 'directory', mode: 0o500 }),
      entry({ name: './bin/su', mode: 0o4755, uid: 1234, gid: 99, mtime: 1_000_000_000, content: 'program' }),
      entry({ name: './bin/also-su', type: 'link', linkname: './bin/su' }),
      entry({ name: './bin/out', type: 'symlink', linkname: '../../../../etc/shadow', uid: 7, gid: 8 }),
      END,
    ]);
    expect(read('bin/su')).toBe('program');
    expect(statSync(at('bin/su'))).toMatchObject({ mode: 0o104755, uid: 1234, gid: 99, mtimeMs: 1e12, nlink: 2 });
    expect(statSync(at('bin/also-su')).ino).toBe(statSync(at('bin/su')).ino);
    expect(readlinkSync(at('bin/out'))).toBe('../../../../etc/shadow');
    expect(lstatSync(at('bin/out'))).toMatchObject({ uid: 7, gid: 8 });
    expect(statSync(at('bin')).mode).toBe(0o40500);
    expect(statSync(rootfs).mode).toBe(0o40751);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('is recognised as %s by its first bytes', async (_name, compress) => {
    await unpack([compress(Buffer.concat([entry({ name: 'f', content: 'x'.repeat(100_000) }), END]))]);
    expect(read('f')).toHaveLength(100_000);
  });

  it('reads long names, and owners and times of pax records', async () => {
    const long = `${'d'.repeat(200)}/${'f'.repeat(200)}`;
    await unpack([pax({ path: long, uid: '4000000000', mtime: '1.5' }), entry({ name: 'short', content: 'x' }), END]);
    expect(statSync(at(long))).toMatchObject({ uid: 4_000_000_000, mtimeMs: 1500 });
  });

  it('makes missing parents and mount points', async () => {
    await unpack([entry({ name: 'a/b/c', content: 'x' }), END]);
    expect(statSync(at('a/b'))).toMatchObject({ mode: 0o40755, uid: 0, gid: 0 });
    for (const name of ['proc', 'sys', 'dev']) expect(statSync(at(name)).mode).toBe(0o40755);
  });

  it('lets a later entry replace an earlier one, and not through its other names', async () => {
    await unpack([
      entry({ name: 'a', content: 'old' }),
      entry({ name: 'b', type: 'link', linkname: 'a' }),
      entry({ name: 'a', content: 'new' }),
      entry({ name: 'a', type: 'link', linkname: './a' }),
      END,
    ]);
    expect([read('a'), read('b')]).toEqual(['new', 'old']);
  });

  it('leaves out devices and FIFOs, an overlay whiteout among them, and says how many', async () => {
    const writer = await unpack([
      entry({ name: 'keep', content: 'x' }),
      entry({ name: 'keep', type: 'character-device' }),
      entry({ name: 'sda', type: 'block-device', devmajor: 8 }),
      entry({ name: 'pipe', type: 'fifo' }),
      END,
    ]);
    expect(read('keep')).toBe('x');
    expect(existsSync(at('sda')) || existsSync(at('pipe'))).toBe(false);
    expect(writer.report.notes).toEqual(['left out: 2 device nodes, the first "keep"', 'left out: 1 FIFO, "pipe"']);
  });

  it('says what it leaves out of entries, and what it changes', async () => {
    const writer = await unpack([
      pax({ 'SCHILY.xattr.security.capability': 'x', 'SCHILY.xattr.user.note': 'y' }),
      entry({ name: 'ping', content: 'x' }),
      pax({ 'LIBARCHIVE.xattr.security.capability': 'x' }),
      entry({ name: 'arping', content: 'x' }),
      pax({ mtime: '4102444800' }),
      entry({ name: 'late', content: 'x' }),
      pax({ mtime: '-5.5' }),
      entry({ name: 'early', type: 'symlink', linkname: 'late' }),
      pax({ uid: '1500000000' }),
      entry({ name: 'home', type: 'directory' }),
      END,
    ]);
    expect(writer.report.notes).toEqual([
      'left out: 2 file capabilities, the first "ping"',
      'left out: 1 other extended attribute, "ping"',
      'changed: the time of 2 entries, which lies before 1970 or after 2038-01-19 03:14:07 UTC, the first "late"',
      'kept: the owner of one entry, an id above 65535, which a container with ids of its own sees as 65534 (nobody), "home"',
    ]);
    expect([statSync(at('late')).mtimeMs, lstatSync(at('early')).mtimeMs, statSync(at('home')).uid]).toEqual([
      (2 ** 31 - 1) * 1000,
      0,
      1_500_000_000,
    ]);
  });

  it('has nothing to say of a plain tree', async () => {
    const writer = await unpack([entry({ name: 'a', content: 'x', uid: 65_535 }), END]);
    expect(writer.report.notes).toEqual([]);
  });

  it('of several zstd frames is refused in words', async () => {
    const whole = Buffer.concat([entry({ name: 'a', content: 'x' }), END]);
    const frames = [whole.subarray(0, 700), whole.subarray(700)].map((part) => zstdCompressSync(part));
    await expect(unpack(frames)).rejects.toMatchObject({ message: expect.stringContaining('more than one zstd frame') });
  });
});

describe('a hostile tar', () => {
  const outside = () => join(directory, 'outside');

  it.each([
    ['an absolute path', [entry({ name: '/outside', content: 'x' })], 'absolute'],
    ['..', [entry({ name: '../outside', content: 'x' })], '".."'],
    ['.. in the middle', [entry({ name: 'a/../../outside', content: 'x' })], '".."'],
    ['.. as a directory', [entry({ name: '..', type: 'directory' })], '".."'],
    ['.. by a pax record', [pax({ path: '../outside' }), entry({ name: 'a', content: 'x' })], '".."'],
    ['NUL by a pax record', [pax({ path: 'a\0b' }), entry({ name: 'a', content: 'x' })], 'NUL'],
    [
      'a file through a symlink',
      [entry({ name: 'd', type: 'symlink', linkname: '..' }), entry({ name: 'd/outside', content: 'x' })],
      'symlink',
    ],
    [
      'a directory through a symlink',
      [entry({ name: 'd', type: 'symlink', linkname: '..' }), entry({ name: 'd/outside', type: 'directory' })],
      'symlink',
    ],
    [
      'a symlink through a symlink',
      [entry({ name: 'd', type: 'symlink', linkname: '..' }), entry({ name: 'd/outside', type: 'symlink', linkname: 'x' })],
      'symlink',
    ],
    ['a hard link to outside', [entry({ name: 'l', type: 'link', linkname: '../archive' })], '".."'],
    ['a hard link to an absolute path', [entry({ name: 'l', type: 'link', linkname: '/etc/passwd' })], 'absolute'],
    [
      'a hard link through a symlink',
      [entry({ name: 'd', type: 'symlink', linkname: '..' }), entry({ name: 'l', type: 'link', linkname: 'd/archive' })],
      'symlink',
    ],
    ['a hard link to nothing', [entry({ name: 'l', type: 'link', linkname: 'nothing' })], 'not there'],
    [
      'a hard link to a directory',
      [entry({ name: 'd', type: 'directory' }), entry({ name: 'l', type: 'link', linkname: 'd' })],
      'directory',
    ],
    [
      'a file over a directory',
      [entry({ name: 'd/x', content: 'x' }), entry({ name: 'd', content: 'x' })],
      'replace a directory',
    ],
    [
      'a symlink over a directory',
      [entry({ name: 'd', type: 'directory' }), entry({ name: 'd', type: 'symlink', linkname: '..' })],
      'replace a directory',
    ],
    ['a file below a file', [entry({ name: 'd', content: 'x' }), entry({ name: 'd/x', content: 'x' })], 'not a directory'],
    ['a file over the root', [entry({ name: './', content: 'x' })], 'root'],
    ['a symlink at a mount point', [entry({ name: 'proc', type: 'symlink', linkname: '/etc' })], 'mounted over'],
    ['a file at a mount point', [entry({ name: 'dev', content: 'x' })], 'mounted over'],
    ['a symlink without a target', [entry({ name: 's', type: 'symlink' })], 'target'],
    ['a name that is too long', [pax({ path: 'n'.repeat(256) }), entry({ name: 'a' })], '255 bytes'],
    [
      'a path that is too long',
      [pax({ path: `${'n'.repeat(200)}/`.repeat(21) }), entry({ name: 'a' })],
      'longer than the kernel',
    ],
    ['a name that is not UTF-8', [entry({ name: Buffer.from([0x61, 0xff]), content: 'x' })], 'UTF-8'],
    ['a sparse file', [pax({ 'GNU.sparse.major': '1' }), entry({ name: 'a', content: 'x' })], 'sparse'],
    ['an unknown kind', [entry({ name: 'a', typeflag: 'S' })], 'kind'],
    ['an impossible owner', [pax({ uid: '-1' }), entry({ name: 'a' })], 'impossible uid'],
    ['the owner that chown takes for nobody', [pax({ gid: '4294967295' }), entry({ name: 'a' })], 'impossible gid'],
  ])('with %s is refused', async (_name, blocks, reason) => {
    await expect(unpack([...blocks, END])).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining(reason),
    });
    expect(existsSync(outside())).toBe(false);
    expect(readFileSync(join(directory, 'archive'))).toEqual(Buffer.concat([...blocks, END]));
  });

  it('does not write through a symlink that its own entry left', async () => {
    writeFileSync(outside(), 'untouched');
    await unpack([
      entry({ name: 'a', type: 'symlink', linkname: outside() }),
      entry({ name: 'a', content: 'x', mode: 0o777, uid: 7 }),
      END,
    ]);
    expect(readFileSync(outside(), 'utf8')).toBe('untouched');
    expect(statSync(outside())).toMatchObject({ uid: process.getuid?.(), mode: 0o100644 });
    expect([read('a'), lstatSync(at('a')).isFile()]).toEqual(['x', true]);
  });

  it('does not enter a directory through a symlink that it replaces', async () => {
    await unpack([
      entry({ name: 'd', type: 'symlink', linkname: '..' }),
      entry({ name: 'd', type: 'directory' }),
      entry({ name: 'd/outside', content: 'x' }),
      END,
    ]);
    expect(existsSync(outside())).toBe(false);
    expect(read('d/outside')).toBe('x');
  });

  it('escapes control characters of names in messages', async () => {
    await expect(unpack([entry({ name: '\u001b[2J/../x' }), END])).rejects.toThrow(String.raw`"\u001b[2J/../x"`);
  });
});

describe('a broken tar', () => {
  const file = entry({ name: 'f', content: 'x'.repeat(2000) });

  it.each([
    ['nothing', [Buffer.alloc(0)]],
    ['text', [Buffer.from('no tar at all')]],
    ['more text', [Buffer.alloc(2048, 'no tar')]],
    ['a wrong checksum', [Buffer.concat([Buffer.from('g'), file.subarray(1)]), END]],
    ['content cut short', [file.subarray(0, 1024)]],
    ['a cut between two entries', [file]],
    ['gzip cut short', [gzipSync(Buffer.concat([file, END])).subarray(0, 40)]],
    ['gzip of something else', [gzipSync('no tar')]],
    ['a zstd header alone', [Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]],
    ['xz', [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0])]],
    ['a negative size', [entry({ name: 'f', sizeField: Buffer.from(`${'ff'.repeat(11)}fe`, 'hex') }), END]],
    ['a pax record of many megabytes', [entry({ name: 'p', typeflag: 'x', sizeField: Buffer.from('77777777777\0') }), END]],
  ])('of %s is a bad request', async (_name, blocks) => {
    await expect(unpack(blocks)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('limits', () => {
  const limits = { entries: 10, bytes: 10_000 };

  it('stop a tar of too many entries', async () => {
    const blocks = Array.from({ length: 11 }, (_, i) => entry({ name: `f${i}` }));
    await expect(unpack([...blocks, END], limits)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('count the parents that a path implies', async () => {
    await expect(unpack([entry({ name: 'a/b/c/d/e/f/g/h/i/j/k' }), END], limits)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('count entries that are left out', async () => {
    const blocks = Array.from({ length: 11 }, () => entry({ name: 'null', type: 'character-device' }));
    await expect(unpack([...blocks, END], limits)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('stop content as it comes, whatever header tells', async () => {
    await expect(unpack([entry({ name: 'f', content: 'x'.repeat(10_001) }), END], limits)).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('stop a stream that unpacks to zeros without end', async () => {
    await expect(unpack([gzipSync(Buffer.alloc(10_000_000))], limits)).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('what a tar costs', () => {
  /** Calls of lstat and mkdir while `work` runs. */
  async function countingCalls(work: () => Promise<unknown>): Promise<number> {
    const { lstatSync: lstat, mkdirSync: mkdir } = fs;
    let calls = 0;
    Object.assign(fs, {
      lstatSync: (...args: Parameters<typeof lstat>) => (calls++, lstat(...args)),
      mkdirSync: (...args: Parameters<typeof mkdir>) => (calls++, mkdir(...args)),
    });
    syncBuiltinESMExports();
    try {
      await work();
    } finally {
      Object.assign(fs, { lstatSync: lstat, mkdirSync: mkdir });
      syncBuiltinESMExports();
    }
    return calls;
  }
  const files = (number: number, depth: number) =>
    Array.from({ length: number }, (_, i) => [pax({ path: `${'a/'.repeat(depth)}${i}` }), entry({ name: 'x' })]).flat();

  it('is the same for each entry, however deep it lies', async () => {
    const calls = await countingCalls(async () => await unpack([...files(300, 250), END]));
    expect(calls).toBeGreaterThan(300);
    expect(calls).toBeLessThan(2 * (300 + 250) + 20);
    expect(statSync(at(`${'a/'.repeat(250)}299`)).isFile()).toBe(true);
  });

  it('is bounded in depth: 256 directories, and not one more', async () => {
    await unpack([...files(1, 256), END]);
    await expect(unpack([...files(1, 1900), END])).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('lies more than 256 directories deep'),
    });
    await expect(unpack([...files(1, 257), END])).rejects.toThrow('lies more than 256 directories deep');
    expect(existsSync(at('a/'.repeat(257)))).toBe(false);
  });

  it('is refused before it is written where a header says more than an image, or the disk, may hold', async () => {
    const size = (bytes: number) => Buffer.from(`${bytes.toString(8).padStart(11, '0')} `);
    const { bavail, bsize } = fs.statfsSync(directory);
    await expect(
      unpack([entry({ name: 'a', sizeField: size(64 * 1024 ** 3 - 1) }), END], { entries: 9, bytes: 1000 }),
    ).rejects.toMatchObject({
      code: 'too-large',
    });
    const more = pax({ size: String(bavail * bsize + 1) });
    await expect(unpack([more, entry({ name: 'b' }), END], { entries: 9, bytes: Infinity })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('must leave'),
    });
    expect(fs.readdirSync(rootfs)).toEqual([]);
  });

  it.each(['L', 'K', 'x', 'g'])(
    'does not grow with a long header (%s) of a gigabyte, nor with many of a megabyte',
    async (typeflag) => {
      const gigabyte = Buffer.from(`${(1024 ** 3).toString(8).padStart(11, '0')} `);
      await expect(unpack([entry({ name: 'long', typeflag, sizeField: gigabyte }), END])).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringContaining('Header exceeds max size'),
      });
      const content = typeflag === 'L' || typeflag === 'K' ? 'n'.repeat(1_000_000) : `1000000 comment=${'n'.repeat(999_983)}\n`;
      const long = entry({ name: 'long', typeflag, content });
      const path = join(directory, 'archive');
      writeFileSync(path, '');
      for (let i = 0; i < 60; i++) fs.appendFileSync(path, long);
      fs.appendFileSync(path, Buffer.concat([entry({ name: 'file', content: 'x' }), END]));
      const before = liveBytes();
      let atEntry = 0;
      const writer = new RootfsWriter(rootfs);
      writer.expect = () => void (atEntry = liveBytes());
      // A name of a megabyte is refused, after that.
      await importTar(path, writer).catch((error: unknown) => expect(error).toMatchObject({ code: 'bad-request' }));
      expect(atEntry).toBeGreaterThan(0);
      expect(atEntry - before).toBeLessThan(20_000_000);
    },
  );
});
