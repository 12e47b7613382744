import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deletions } from '../deletion/deletions.ts';
import { makeChain } from '../deletion/deep-tree.fixture.ts';
import { ImageStore } from './image-store.ts';
import { END, entry } from './tar-bytes.fixture.ts';

let lib: string;
let images: string;
let source: string;
let deletions: Deletions;

beforeEach(() => {
  deletions = new Deletions();
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-images-'));
  lib = join(directory, 'lib');
  images = join(lib, 'images');
  source = join(directory, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'content');
});
afterEach(async () => {
  await deletions[Symbol.asyncDispose]();
  rmSync(join(lib, '..'), { recursive: true });
});

/** When nothing is being deleted. */
const stored = async () => {
  await deletions.settled();
  return readdirSync(images).filter((name) => name !== 'names.json');
};

describe('ImageStore', () => {
  it('imports a directory, and has it again when opened anew', async () => {
    const store = await ImageStore.open(lib, deletions);
    const image = await store.importFrom('acme/web:1', source);
    expect(image).toMatchObject({ name: 'acme/web:1', files: 1, sizeBytes: 7, source, notes: [] });
    const again = await ImageStore.open(lib, deletions);
    expect(again.list()).toEqual([image]);
    const { layers, ...resolved } = again.resolve('acme/web:1');
    expect(resolved).toMatchObject({ name: 'acme/web:1', digest: image.digest, config: { command: ['/bin/sh'], workdir: '/' } });
    expect(readFileSync(join(layers[0]!, 'file'), 'utf8')).toBe('content');
    expect(layers[0]).not.toContain(':');
  });

  it('stores the same content once, and keeps it for the name that is left', async () => {
    const tar = join(lib, '../a.tar');
    writeFileSync(
      tar,
      Buffer.concat([entry({ name: './', type: 'directory', mode: 0o755 }), entry({ name: 'file', content: 'content' }), END]),
    );
    const store = await ImageStore.open(lib, deletions);
    const [one, two] = await Promise.all([store.importFrom('one', source), store.importFrom('two', tar)]);
    expect(one.digest).toBe(two.digest);
    expect(await stored()).toHaveLength(1);
    await store.remove('one', []);
    expect(existsSync(store.resolve('two').layers[0]!)).toBe(true);
    await store.remove('two', []);
    expect(await stored()).toEqual([]);
  });

  it('tells contents, modes and owners apart', async () => {
    const store = await ImageStore.open(lib, deletions);
    const { digest } = await store.importFrom('a', source);
    chmodSync(join(source, 'file'), 0o600);
    expect((await store.importFrom('b', source)).digest).not.toBe(digest);
  });

  it('refuses what it cannot do, and leaves nothing behind', async () => {
    const store = await ImageStore.open(lib, deletions);
    await store.importFrom('taken', source);
    const before = await stored();
    const hostile = join(lib, '../hostile.tar');
    writeFileSync(hostile, Buffer.concat([entry({ name: 'a', content: 'x' }), entry({ name: '../b', content: 'x' }), END]));
    mkdirSync(join(source, 'empty'));
    const archive = join(lib, '../archive.tar');
    writeFileSync(
      archive,
      Buffer.concat([entry({ name: 'manifest.json', content: '[]' }), entry({ name: 'blobs/sha256/0', content: 'x' }), END]),
    );
    for (const [name, from, code] of [
      ['taken', source, 'conflict'],
      ['Bad Name', source, 'bad-request'],
      ['free', '/nonexistent', 'not-found'],
      ['free', '/dev/null', 'bad-request'],
      ['free', hostile, 'bad-request'],
      ['free', join(source, 'empty'), 'bad-request'],
      ['free', archive, 'bad-request'],
      ['free', '/', 'bad-request'],
      ['free', images, 'bad-request'],
    ] as const) {
      await expect(store.importFrom(name, from), from).rejects.toMatchObject({ code });
    }
    expect(await stored()).toEqual(before);
    expect(() => store.resolve('free')).toThrow('there is no image "free"');
    expect(() => store.resolve('constructor')).toThrow('there is no image "constructor"');
  });

  it('takes a name that every object has', async () => {
    const store = await ImageStore.open(lib, deletions);
    await store.importFrom('constructor', source);
    expect((await ImageStore.open(lib, deletions)).list().map(({ name }) => name)).toEqual(['constructor']);
  });

  it('lets one of two imports under one name win', async () => {
    const store = await ImageStore.open(lib, deletions);
    const results = await Promise.allSettled([store.importFrom('a', source), store.importFrom('a', source)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await stored()).toHaveLength(1);
  });

  it('opens beside whatever else lies there, and deletes none of it but what it made', async () => {
    const store = await ImageStore.open(lib, deletions);
    for (const name of ['kept', 'file', 'loop', 'gone', 'bare']) {
      writeFileSync(join(source, 'file'), name);
      await store.importFrom(name, source);
    }
    const directoryOf = (name: string) => join(store.resolve(name).layers[0]!, '..');
    mkdirSync(join(images, 'names.json.new'));
    for (const name of ['file', 'loop', 'gone', 'bare']) rmSync(directoryOf(name), { recursive: true });
    writeFileSync(directoryOf('file'), 'x');
    symlinkSync(directoryOf('loop'), directoryOf('loop'));
    mkdirSync(directoryOf('bare'));
    for (const name of ['lost+found/x', '.hidden/x', '.unfinished-a/rootfs/x', '.removed-a/x']) {
      mkdirSync(join(images, name), { recursive: true });
    }
    makeChain(join(images, '.unfinished-a'), 300, 'd'.repeat(20));
    const again = await ImageStore.open(lib, deletions);
    expect(again.list().map(({ name }) => name)).toEqual(['kept']);
    for (const name of ['file', 'loop', 'gone', 'bare']) {
      expect(() => again.resolve(name)).toThrow('is damaged');
      await again.remove(name, []);
    }
    expect(await stored()).toEqual(['.hidden', 'lost+found', basename(directoryOf('kept'))].toSorted());
  });

  it('keeps an image that containers use', async () => {
    const store = await ImageStore.open(lib, deletions);
    await store.importFrom('a', source);
    await expect(store.remove('a', ['web', 'db'])).rejects.toMatchObject({
      code: 'conflict',
      message: 'image "a" is in use by web, db',
    });
    await expect(store.remove('b', [])).rejects.toMatchObject({ code: 'not-found' });
    expect(store.list()).toHaveLength(1);
  });

  it('cleans up what a kill left', async () => {
    const store = await ImageStore.open(lib, deletions);
    const { digest } = await store.importFrom('a', source);
    mkdirSync(join(images, '.unfinished-x/rootfs/deep'), { recursive: true });
    mkdirSync(join(images, `sha256-${'0'.repeat(64)}/rootfs`), { recursive: true });
    writeFileSync(join(images, 'names.json.new'), '{"ver');
    const again = await ImageStore.open(lib, deletions);
    expect(await stored()).toEqual([digest.replace(':', '-')]);
    expect(again.list()).toHaveLength(1);
  });

  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['torn', (path: string) => writeFileSync(path, '{"version":1,"nam')],
    ['empty', (path: string) => writeFileSync(path, '')],
    ['of another version', (path: string) => writeFileSync(path, '{"version":7,"names":{}}')],
    ['a directory', (path: string) => (rmSync(path), mkdirSync(path))],
  ] as const)('names.json that is %s is made again of the images, of which none is removed', async (how, damage) => {
    const store = await ImageStore.open(lib, deletions);
    const image = await store.importFrom('a', source);
    await store.importFrom('b', source);
    const nameless = `sha256-${'0'.repeat(64)}`;
    mkdirSync(join(images, nameless, 'rootfs'), { recursive: true });
    damage(join(images, 'names.json'));
    const again = await ImageStore.open(lib, deletions);
    expect(again.lost).toBe(how === 'missing' ? 'missing' : 'damaged');
    expect(again.list()).toMatchObject([image, { name: 'b', digest: image.digest }]);
    expect(existsSync(join(images, nameless))).toBe(true);
    expect(() => again.resolve('recovered-000000000000')).toThrow('is damaged on disk');
    const kept = readdirSync(images).filter((name) => name.startsWith('names.json.damaged-'));
    expect(kept).toHaveLength(how === 'missing' ? 0 : 1);
    // What was set aside stays.
    expect((await ImageStore.open(lib, deletions)).lost).toBeNull();
    expect(readdirSync(images)).toEqual(expect.arrayContaining(kept));
  });

  it.each([
    ['a sum', (text: string) => text],
    ['no sum', (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), sum: undefined })],
  ] as const)('keeps all names of a names.json with %s where one image is lost and another has no name', async (sum, edit) => {
    const store = await ImageStore.open(lib, deletions);
    const image = await store.importFrom('a', source);
    writeFileSync(join(source, 'file'), 'other content');
    const lost = await store.importFrom('lost', source);
    // An image from before each had its own names.
    rmSync(join(images, image.digest.replace(':', '-'), 'names.json'));
    rmSync(join(images, lost.digest.replace(':', '-')), { recursive: true });
    mkdirSync(join(images, `sha256-${'0'.repeat(64)}`, 'rootfs'), { recursive: true });
    writeFileSync(join(images, 'names.json'), edit(readFileSync(join(images, 'names.json'), 'utf8')));
    const again = await ImageStore.open(lib, deletions);
    expect(again.list()).toEqual([image]);
    expect(again.lost).toBe(sum === 'a sum' ? null : 'damaged');
    expect(() => again.resolve('lost')).toThrow(sum === 'a sum' ? 'is damaged on disk' : 'there is no image');
    expect(() => again.resolve('recovered-000000000000')).toThrow('is damaged on disk');
  });

  it('makes a damaged record again of files that are whole', async () => {
    const image = await (await ImageStore.open(lib, deletions)).importFrom('a', source);
    for (const file of ['image.json', 'names.json']) writeFileSync(join(images, image.digest.replace(':', '-'), file), '{"x":');
    const store = await ImageStore.open(lib, deletions);
    expect(store.list()).toEqual([image]);
    rmSync(join(images, 'names.json'));
    expect((await ImageStore.open(lib, deletions)).list()).toEqual([image]);
  });

  it('says which image is damaged, and lets it be removed', async () => {
    const { digest } = await (await ImageStore.open(lib, deletions)).importFrom('a', source);
    const directory = join(images, digest.replace(':', '-'));
    writeFileSync(join(directory, 'image.json'), '');
    writeFileSync(join(directory, 'rootfs/file'), 'other content');
    const store = await ImageStore.open(lib, deletions);
    expect(store.list()).toEqual([]);
    expect(() => store.resolve('a')).toThrow('image "a" is damaged on disk');
    await store.remove('a', []);
    expect(await stored()).toEqual([]);
  });

  it('is closed to other users of the host', async () => {
    await ImageStore.open(lib, deletions);
    expect(statSync(images).mode & 0o777).toBe(0o700);
  });
});

describe('the built-in image', () => {
  it('has a shell that runs, and nothing private or setuid; the same host gives the same digest', async () => {
    const store = await ImageStore.open(lib, deletions);
    await store.ensureBase();
    const [image] = store.list();
    const rootfs = store.resolve('base').layers[0]!;
    expect(execFileSync('chroot', [rootfs, '/bin/sh', '-c', 'echo $((6 * 7)) | sed s/4/four-/'], { encoding: 'utf8' })).toBe(
      'four-2\n',
    );
    expect(readdirSync(join(rootfs, 'etc')).toSorted()).toEqual([
      'group',
      'hostname',
      'hosts',
      'nsswitch.conf',
      'os-release',
      'passwd',
    ]);
    expect(readFileSync(join(rootfs, 'etc/os-release'), 'utf8')).toContain('NAME="Plimsoll base"');
    expect(
      execFileSync('find', [rootfs, '(', '-perm', '/6000', '-o', '!', '-uid', '0', '-o', '-links', '+1', '-type', 'f', ')'], {
        encoding: 'utf8',
      }),
    ).toBe('');
    expect(statSync(join(rootfs, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(statSync(join(rootfs, 'root')).mode & 0o7777).toBe(0o700);
    await store.ensureBase();
    expect(store.list()).toEqual([image]);
    await store.remove('base', []);
    await store.ensureBase();
    expect(store.list()[0]?.digest).toBe(image?.digest);
  });
});
