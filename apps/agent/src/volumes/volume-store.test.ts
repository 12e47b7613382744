import fs, {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deletions } from '../deletion/deletions.ts';
import { makeChain } from '../deletion/deep-tree.fixture.ts';
import { VolumeStore } from './volume-store.ts';

let lib: string;
let layer: string;
let deletions: Deletions;

beforeEach(() => {
  deletions = new Deletions();
  const directory = mkdtempSync(join(tmpdir(), 'plim-volumes-'));
  lib = join(directory, 'lib');
  layer = join(directory, 'layer');
  mkdirSync(join(layer, 'var/db'), { recursive: true });
});
afterEach(async () => {
  await deletions[Symbol.asyncDispose]();
  rmSync(join(lib, '..'), { recursive: true });
});

const volumes = () => join(lib, 'volumes');
const nobody = () => [];
const at = (destination: string, layers = [layer]) => ({ layers, destination });

describe('VolumeStore', () => {
  it('makes, lists and removes volumes, and has them again when opened anew', async () => {
    const store = await VolumeStore.open(lib, deletions);
    const made = await store.create('data', { owner: 'acme' });
    expect(made).toEqual({ name: 'data', labels: { owner: 'acme' }, createdAt: expect.any(String) });
    await store.create('Cache', {});
    await expect(store.create('data', {})).rejects.toMatchObject({ code: 'conflict' });
    const again = await VolumeStore.open(lib, deletions);
    expect(again.list().map(({ name }) => name)).toEqual(['Cache', 'data']);
    expect(again.list()[1]).toEqual(made);
    await again.remove('Cache', nobody);
    await expect(again.remove('Cache', nobody)).rejects.toMatchObject({ code: 'not-found' });
    await deletions.settled();
    expect(readdirSync(volumes())).toEqual(['data']);
  });

  it('lets no user of the host in, whatever a container left in a volume', async () => {
    await VolumeStore.open(lib, deletions);
    expect(statSync(volumes()).mode & 0o777).toBe(0o700);
  });

  it('refuses to remove what is in use, naming who, and asks for that at the last moment', async () => {
    const store = await VolumeStore.open(lib, deletions);
    await store.create('data', {});
    const users = ['a', 'b', 'c', 'd', 'e'];
    await expect(store.remove('data', () => users)).rejects.toMatchObject({
      code: 'conflict',
      message: 'volume "data" is in use by a, b, c and 2 more',
    });
    const removal = store.remove('data', () => ['late']);
    await expect(removal).rejects.toThrow('in use by late');
    expect(store.list()).toHaveLength(1);
  });

  it('is never removed while it is being given to a container', async () => {
    const store = await VolumeStore.open(lib, deletions);
    for (const later of [false, true]) {
      await store.create('data', {});
      const users: string[] = [];
      const removal = store.remove('data', () => users);
      // As a container that is being made has it: in use, and then made use of.
      if (later) await removal;
      users.push('it');
      await Promise.allSettled([removal, store.use('data', at('/data'))]);
      expect(existsSync(store.pathOf('data'))).toBe(true);
      await store.remove('data', nobody);
    }
  });

  it('a kill between any two steps leaves what was there, and nothing unfinished', async () => {
    const store = await VolumeStore.open(lib, deletions);
    await store.create('kept', {});
    writeFileSync(join(store.pathOf('kept'), 'file'), 'precious');
    for (const unfinished of ['.new-aaaaaa', '.removed-bbbbbb', 'kept/seed-cccccc']) {
      mkdirSync(join(volumes(), unfinished, 'data'), { recursive: true });
      writeFileSync(join(volumes(), unfinished, 'data/file'), 'x');
    }
    writeFileSync(join(volumes(), 'kept/volume.json.new'), '{"vers');
    const again = await VolumeStore.open(lib, deletions);
    expect(again.list()).toHaveLength(1);
    await deletions.settled();
    expect(readdirSync(volumes())).toEqual(['kept']);
    expect(readdirSync(join(volumes(), 'kept'))).not.toContain('seed-cccccc');
    expect(readFileSync(join(again.pathOf('kept'), 'file'), 'utf8')).toBe('precious');
  });

  it.each(['{', '', '{"version":1,"createdAt":"yesterday"}'])(
    'makes a damaged record again, and keeps the files: %j',
    async (text) => {
      const store = await VolumeStore.open(lib, deletions);
      await store.create('kept', { a: 'b' });
      writeFileSync(join(store.pathOf('kept'), 'file'), 'precious');
      writeFileSync(join(volumes(), 'kept/volume.json'), text);
      const again = await VolumeStore.open(lib, deletions);
      expect(again.list()).toMatchObject([{ name: 'kept', labels: {} }]);
      await again.use('kept', at('/data'));
      expect(readdirSync(join(volumes(), 'kept/data'))).toEqual(['file']);
      const kept = readdirSync(join(volumes(), 'kept')).filter((name) => name.startsWith('volume.json.damaged-'));
      expect(kept.map((name) => readFileSync(join(volumes(), 'kept', name), 'utf8'))).toEqual([text]);
      expect((await VolumeStore.open(lib, deletions)).list()).toEqual(again.list());
    },
  );

  it('removes a volume whose paths no call takes, and opens beside what is left of one', async () => {
    const store = await VolumeStore.open(lib, deletions);
    for (const name of ['removed', 'kept']) await store.create(name, {});
    makeChain(store.pathOf('removed'), 300, 'd'.repeat(20));
    await store.remove('removed', nobody);
    expect(store.list().map(({ name }) => name)).toEqual(['kept']);
    await deletions[Symbol.asyncDispose]();
    expect(readdirSync(volumes())).toEqual([expect.stringMatching(/^\.removed-/), 'kept']);
    deletions = new Deletions();
    const again = await VolumeStore.open(lib, deletions);
    expect(again.list().map(({ name }) => name)).toEqual(['kept']);
    await deletions.settled();
    expect(readdirSync(volumes())).toEqual(['kept']);
  });

  it('opens beside whatever else lies there, and deletes none of it', async () => {
    const store = await VolumeStore.open(lib, deletions);
    await store.create('kept', {});
    const others = ['.hidden', 'lost+found', 'file', 'dangling', 'loop', 'record', 'data-file', 'empty'];
    for (const name of ['.hidden/x', 'lost+found/x', 'record/volume.json/x', 'data-file', 'empty']) {
      mkdirSync(join(volumes(), name), { recursive: true });
    }
    writeFileSync(join(volumes(), 'file'), 'x');
    writeFileSync(join(volumes(), 'data-file/data'), 'x');
    symlinkSync('/nonexistent', join(volumes(), 'dangling'));
    symlinkSync('loop', join(volumes(), 'loop'));
    const again = await VolumeStore.open(lib, deletions);
    expect(again.list().map(({ name }) => name)).toEqual(['kept']);
    await deletions.settled();
    expect(readdirSync(volumes()).toSorted()).toEqual([...others, 'kept'].toSorted());
    for (const name of ['file', 'dangling', 'loop', 'record', 'data-file', 'empty']) {
      await expect(again.use(name, at('/data'))).rejects.toThrow(`volume "${name}" is damaged`);
      await again.remove(name, nobody);
    }
    await deletions.settled();
    expect(readdirSync(volumes()).toSorted()).toEqual(['.hidden', 'kept', 'lost+found']);
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, 'x')],
    ['a link that leads nowhere', (path: string) => symlinkSync('/nonexistent/x', path)],
  ])('opens where %s is in the place of the directory of all volumes, and sets it aside', async (_what, make) => {
    mkdirSync(lib);
    make(volumes());
    const store = await VolumeStore.open(lib, deletions);
    await store.create('data', {});
    expect(readdirSync(lib).filter((name) => name.startsWith('volumes.damaged-'))).toHaveLength(1);
  });

  it('says which volume has neither a record nor files, and lets it be removed', async () => {
    const store = await VolumeStore.open(lib, deletions);
    await store.create('lost', {});
    rmSync(join(volumes(), 'lost/volume.json'));
    rmSync(join(volumes(), 'lost/data'), { recursive: true });
    const again = await VolumeStore.open(lib, deletions);
    expect(again.list()).toEqual([]);
    await expect(again.use('lost', at('/data'))).rejects.toThrow('volume "lost" is damaged');
    await again.remove('lost', nobody);
    await deletions.settled();
    expect(readdirSync(volumes())).toEqual([]);
  });
});

describe('a fresh volume', () => {
  it('takes over mode, owner and files of the image directory that it covers, once', async () => {
    const covered = join(layer, 'var/db');
    writeFileSync(join(covered, 'file'), 'from the image');
    chownSync(join(covered, 'file'), 1234, 1235);
    symlinkSync('/etc/passwd', join(covered, 'link'));
    writeFileSync(join(covered, 'proc'), 'a file');
    chownSync(covered, 999, 998);
    chmodSync(covered, 0o2750);
    const store = await VolumeStore.open(lib, deletions);
    await store.use('db', at('/var/db'));
    const data = store.pathOf('db');
    expect(statSync(data)).toMatchObject({ uid: 999, gid: 998, mode: 0o42750 });
    expect(statSync(join(data, 'file'))).toMatchObject({ uid: 1234, gid: 1235 });
    expect(readFileSync(join(data, 'file'), 'utf8')).toBe('from the image');
    expect(lstatSync(join(data, 'link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(data).toSorted()).toEqual(['file', 'link', 'proc']);

    rmSync(data, { recursive: true });
    mkdirSync(data);
    await (await VolumeStore.open(lib, deletions)).use('db', at('/var/db'));
    expect(readdirSync(data), 'what a container emptied stays empty').toEqual([]);
  });

  it('may take the last space of its file system: it is no import', async () => {
    writeFileSync(join(layer, 'var/db/file'), Buffer.alloc(300_000));
    const { statfsSync } = fs;
    const full = (path: string) => Object.assign(statfsSync(path), { bavail: 0, ffree: 0 });
    Object.assign(fs, { statfsSync: full });
    syncBuiltinESMExports();
    try {
      const store = await VolumeStore.open(lib, deletions);
      await store.use('db', at('/var/db'));
      expect(readdirSync(store.pathOf('db'))).toEqual(['file']);
    } finally {
      Object.assign(fs, { statfsSync });
      syncBuiltinESMExports();
    }
  });

  it('keeps what is in it already', async () => {
    writeFileSync(join(layer, 'var/db/file'), 'from the image');
    const store = await VolumeStore.open(lib, deletions);
    await store.create('db', {});
    writeFileSync(join(store.pathOf('db'), 'own'), 'x');
    await store.use('db', at('/var/db'));
    await deletions.settled();
    expect(readdirSync(store.pathOf('db'))).toEqual(['own']);
    expect(readdirSync(join(volumes(), 'db')).toSorted()).toEqual(['data', 'volume.json']);
  });

  it('follows no link of the image: its own, or one that leads out', async () => {
    symlinkSync('/etc', join(layer, 'out'));
    symlinkSync('db', join(layer, 'var/alias'));
    const store = await VolumeStore.open(lib, deletions);
    for (const [name, destination] of [
      ['a', '/out'],
      ['b', '/out/cron.d'],
      ['c', '/var/alias'],
      ['d', '/nowhere'],
    ] as const) {
      await store.use(name, at(destination));
      expect(readdirSync(store.pathOf(name)), destination).toEqual([]);
      expect(statSync(store.pathOf(name)), destination).toMatchObject({ uid: 0, mode: 0o40755 });
    }
  });

  it('takes the mode alone of a directory that several layers share, and nothing of one that is hidden', async () => {
    const top = join(lib, '../top');
    mkdirSync(join(top, 'var/db'), { recursive: true });
    chmodSync(join(top, 'var/db'), 0o700);
    writeFileSync(join(layer, 'var/db/file'), 'below');
    mkdirSync(join(layer, 'gone'));
    writeFileSync(join(top, 'gone'), 'stands for a whiteout');
    const store = await VolumeStore.open(lib, deletions);
    await store.use('db', at('/var/db', [top, layer]));
    expect([readdirSync(store.pathOf('db')), statSync(store.pathOf('db')).mode & 0o7777]).toEqual([[], 0o700]);
    chmodSync(join(layer, 'gone'), 0o700);
    await store.use('gone', at('/gone', [top, layer]));
    expect(statSync(store.pathOf('gone')).mode & 0o7777).toBe(0o755);
  });
});
