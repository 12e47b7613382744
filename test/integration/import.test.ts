import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import { END, entry, pax } from '../../apps/agent/src/images/tar-bytes.fixture.ts';
import { allocate, SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const FILES = 20_000;

let world: World;
beforeAll(async () => void (world = await World.make()));
afterAll(async () => await world[Symbol.asyncDispose]());

const unfinished = () => readdirSync(join(world.state.lib, 'images')).filter((name) => name.startsWith('.'));

/** A tar of so many files in one directory, which lies that deep. */
async function archive(name: string, files: number, depth: number): Promise<string> {
  const path = join(world.directory, name);
  async function* entries(): AsyncGenerator<Buffer> {
    for (let i = 0; i < files; i++) {
      yield pax({ path: `${'a/'.repeat(depth)}${i}` });
      yield entry({ name: 'x' });
    }
    yield END;
  }
  await pipeline(Readable.from(entries()), createGzip({ level: 1 }), createWriteStream(path));
  return path;
}

/** Stops the process of the import that is under way. */
async function stopImport(): Promise<number> {
  const agent = world.agent?.pid ?? 0;
  return await until('an import is under way', () => {
    const tasks = readdirSync(`/proc/${agent}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${agent}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    const pid = children.map(Number).find((child) => isImport(child) && unfinished().length > 0);
    if (pid === undefined) return null;
    process.kill(pid, 'SIGSTOP');
    return pid;
  });
}

function isImport(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('import-process.ts');
  } catch {
    return false;
  }
}

test('an archive of 20,000 files below 1,900 directories is refused, and the agent answers', async () => {
  const client = await world.client();
  const source = await archive('deep.tar.gz', FILES, 1900);
  await expect(client.command('image.import', { name: 'deep', source })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('lies more than 256 directories deep') as string,
  });
  await until('nothing of it is left', () => unfinished().length === 0);
  expect((await client.command('image.list', {})).map(({ name }) => name)).toEqual(['base']);
});

test('one of 20,000 files below 250 directories is imported, and whatever becomes of that the agent answers meanwhile', async () => {
  const client = await world.client();
  const source = await archive('legal.tar.gz', FILES, 250);
  const importing = client.command('image.import', { name: 'legal', source });
  const pid = await stopImport();
  expect(await client.command('container.list', {})).toEqual([]);
  process.kill(pid, 'SIGCONT');
  expect(await importing).toMatchObject({ files: FILES });
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  expect(unfinished()).toEqual([]);
  await client.command('image.remove', { name: 'legal' });
});

test('an import ends with its client, and leaves nothing', async () => {
  const source = await archive('cancelled.tar', 5000, 100);
  const other = await connect(world.state);
  const importing = other.command('image.import', { name: 'cancelled', source }).catch((error: unknown) => error);
  const pid = await stopImport();
  other[Symbol.dispose]();
  expect(await importing).toMatchObject({ code: 'unavailable' });
  await until('its process has ended', () => !existsSync(`/proc/${pid}`));
  await until('nothing of it is left', () => unfinished().length === 0);
  const client = await world.client();
  expect((await client.command('image.list', {})).map(({ name }) => name)).toEqual(['base']);
  await client.command('image.import', { name: 'cancelled', source });
  await client.command('image.remove', { name: 'cancelled' });
});

test('an import ends with its agent, and the next agent removes what is left', async () => {
  const source = await archive('orphaned.tar', 5000, 100);
  using other = await connect(world.state);
  const importing = other.command('image.import', { name: 'orphaned', source }).catch(() => {});
  const pid = await stopImport();
  await world.end('agent', 'SIGKILL');
  other[Symbol.dispose]();
  await importing;
  process.kill(pid, 'SIGCONT');
  await until('its process has ended', () => !isImport(pid));
  expect(unfinished()).toContainEqual(expect.stringMatching(/^\.unfinished-/));
  await world.startAgent();
  await until('nothing of it is left', () => unfinished().length === 0);
});

test('what an import leaves out and changes is said on stderr, and shown with the image', async () => {
  const path = join(world.directory, 'noted.tar');
  const entries = [
    pax({ 'SCHILY.xattr.security.capability': 'x' }),
    entry({ name: 'ping', content: 'x' }),
    entry({ name: 'dev/null', type: 'character-device' }),
    END,
  ];
  writeFileSync(path, Buffer.concat(entries));
  const { code, stderr } = await world.plimsoll('image', 'import', 'noted', path);
  const notes = ['left out: 1 file capability, "ping"', 'left out: 1 device node, "dev/null"'];
  expect({ code, stderr }).toEqual({ code: 0, stderr: notes.map((note) => `${note}\n`).join('') });
  const client = await world.client();
  expect((await client.command('image.list', {})).find(({ name }) => name === 'noted')?.notes).toEqual(notes);
  await client.command('image.remove', { name: 'noted' });
});

test('a file with a hole of 8 TiB is refused before it is copied', async () => {
  const client = await world.client();
  const source = join(world.directory, 'sparse');
  mkdirSync(source);
  writeFileSync(join(source, 'hole'), '');
  truncateSync(join(source, 'hole'), 8 * 1024 ** 4);
  await expect(client.command('image.import', { name: 'hole', source })).rejects.toMatchObject({ code: 'too-large' });
  await until('nothing of it is left', () => unfinished().length === 0);
});

describe('a bomb', () => {
  const MEBIBYTE = 1024 ** 2;
  const ZEROES = Buffer.alloc(MEBIBYTE);

  /** A gzip of files of zeroes, so many MiB each. */
  async function bomb(path: string, files: number, mebibytes: number): Promise<void> {
    const sizeField = Buffer.from(`${(mebibytes * MEBIBYTE).toString(8).padStart(11, '0')} `);
    async function* entries(): AsyncGenerator<Buffer> {
      for (let i = 0; i < files; i++) {
        yield entry({ name: `${i}`, sizeField });
        for (let j = 0; j < mebibytes; j++) yield ZEROES;
      }
      yield END;
    }
    await pipeline(Readable.from(entries()), createGzip({ level: 1 }), createWriteStream(path));
  }

  test.for([
    ['of one file', 1, 2048],
    ['of many files', 2048, 1],
  ] as const)('%s ends before it has filled the disk, which is as it was before', async ([_what, files, mebibytes], { skip }) => {
    using disk = SmallDisk.make(256 * MEBIBYTE);
    if (disk === null) return skip('this host mounts no loop device');
    const source = join(world.directory, 'bomb.tar.gz');
    await bomb(source, files, mebibytes);
    expect(statSync(source).size).toBeLessThan(16 * MEBIBYTE);
    await using small = await World.make({ below: disk.path });
    const images = join(small.state.lib, 'images');
    const client = await small.client();
    await expect(client.command('image.import', { name: 'bomb', source })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('an import must leave') as string,
    });
    await until('nothing of it is left', () => readdirSync(images).every((name) => !name.startsWith('.')));
    expect((await client.command('image.list', {})).map(({ name }) => name)).toEqual(['base']);
    await client.command('container.run', { command: ['true'], autoRemove: true });
  });
});

test('the built-in image is left out where it would fill the disk, which keeps no agent from starting', async ({ skip }) => {
  using disk = SmallDisk.make(256 * 1024 ** 2);
  if (disk === null) return skip('this host mounts no loop device');
  const { bavail, bsize } = statfsSync(disk.path);
  allocate(join(disk.path, 'filler'), bavail * bsize - 10 * 1024 ** 2);
  const images = await ImageStore.open(disk.path);
  await images.ensureBase();
  expect(images.list()).toEqual([]);
});
