import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteTree } from './delete-tree.ts';
import { makeChain } from './deep-tree.fixture.ts';

let directory: string;
let doomed: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-deletion-'));
  doomed = join(directory, 'doomed');
  mkdirSync(doomed);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** They move with the directories that they are in. */
const mountsBelow = (path: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .filter((mount) => mount.startsWith(`${path}/`));

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('deleteTree', () => {
  it('deletes 3,000 directories of 20 letters below each other, whose path no call takes', async () => {
    makeChain(doomed, 3000, 'd'.repeat(20));
    const before = descriptors();
    let most = 0;
    expect(await deleteTree(doomed, { turn: async () => void (most = Math.max(most, descriptors())) })).toBeNull();
    expect(existsSync(doomed)).toBe(false);
    expect(most - before).toBeLessThan(10);
    expect(descriptors()).toBe(before);
  });

  it('takes a number of calls that grows with the entries alone, however deep and wide they lie', async () => {
    const callsFor = async (make: () => void): Promise<number> => {
      mkdirSync(doomed, { recursive: true });
      make();
      let turns = 0;
      expect(await deleteTree(doomed, { turn: async () => void turns++ })).toBeNull();
      return turns;
    };
    const wide = (entries: number) => () => {
      for (let i = 0; i < entries; i++) writeFileSync(join(doomed, `${i}`), '');
    };
    const wideAndDeep = () => {
      for (let i = 0; i < 500; i++) mkdirSync(join(doomed, `a/b/${i}/c`), { recursive: true });
    };
    const one = await callsFor(() => makeChain(doomed, 400, 'a'));
    expect(await callsFor(() => makeChain(doomed, 4000, 'a'))).toBeLessThanOrEqual(10 * one + 10);
    expect(await callsFor(wide(4000))).toBeLessThanOrEqual(10 * one + 10);
    expect(await callsFor(wideAndDeep)).toBeLessThanOrEqual(8 * one + 10);
  });

  it('deletes names of every byte, whatever their mode', async () => {
    for (let byte = 1; byte < 256; byte++) {
      if (byte === 0x2f) continue;
      for (const name of [Buffer.from([0x61, byte]), Buffer.from([0xc3, byte])]) {
        const path = Buffer.concat([Buffer.from(`${doomed}/`), name]);
        if (byte % 2 === 0) mkdirSync(Buffer.concat([path, Buffer.from('/'), name]), { recursive: true, mode: 0 });
        else writeFileSync(path, '', { mode: 0 });
        chmodSync(path, 0);
      }
    }
    chmodSync(doomed, 0);
    expect(await deleteTree(doomed)).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('follows no link, and leaves the other names of a file alone', async () => {
    const victim = join(directory, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'precious');
    mkdirSync(join(doomed, 'a/b'), { recursive: true });
    for (const at of [doomed, join(doomed, 'a/b')]) {
      symlinkSync(victim, join(at, 'link'));
      symlinkSync(at, join(at, 'itself'));
      symlinkSync('../..', join(at, 'up'));
      linkSync(join(victim, 'file'), join(at, 'name'));
      execFileSync('mkfifo', [join(at, 'fifo')]);
    }
    expect(await deleteTree(doomed)).toBeNull();
    symlinkSync(victim, doomed);
    expect(await deleteTree(doomed)).toBeNull();
    expect(readdirSync(directory)).toEqual(['victim']);
    expect(readFileSync(join(victim, 'file'), 'utf8')).toBe('precious');
  });

  it('deletes a file, and nothing where nothing is', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const path of [file, file, join(file, 'below'), join(directory, 'nowhere')]) expect(await deleteTree(path)).toBeNull();
    expect(readdirSync(directory)).toEqual(['doomed']);
  });

  it('enters no mount, of the same file system neither, and deletes all around it', async () => {
    const victim = join(directory, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'precious');
    const mounts = ['one', 'a/b/two'].map((name) => join(doomed, name));
    for (const mount of mounts) {
      mkdirSync(join(mount, '../beside/c'), { recursive: true });
      mkdirSync(mount);
      execFileSync('mount', ['--bind', victim, mount]);
    }
    try {
      expect(await deleteTree(doomed)).toMatchObject({ error: expect.any(Error) as Error });
      expect(readdirSync(victim)).toEqual(['file']);
      expect(mountsBelow(doomed)).toHaveLength(2);
      expect(execFileSync('find', [doomed, '-name', 'beside'], { encoding: 'utf8' })).toBe('');
    } finally {
      for (const mount of mountsBelow(doomed)) execFileSync('umount', [mount]);
    }
    expect(await deleteTree(doomed)).toBeNull();
    expect(readdirSync(victim)).toEqual(['file']);
  });

  it('deletes where no directory can be moved out of another (EXDEV)', async () => {
    const base = join(directory, 'base');
    mkdirSync(base);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', base]);
    try {
      for (const name of ['upper', 'work', 'merged']) mkdirSync(join(base, name));
      for (const path of ['a/b/c/d', 'a/b/e', 'a/empty', 'f/g']) {
        mkdirSync(join(base, 'lower/doomed', path), { recursive: true });
        writeFileSync(join(base, 'lower/doomed', path, 'file'), '');
      }
      const options = `lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work,redirect_dir=off`;
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, join(base, 'merged')]);
      try {
        const before = descriptors();
        expect(await deleteTree(join(base, 'merged/doomed'))).toBeNull();
        expect(readdirSync(join(base, 'merged'))).toEqual([]);
        expect(descriptors()).toBe(before);
      } finally {
        execFileSync('umount', [join(base, 'merged')]);
      }
    } finally {
      execFileSync('umount', [base]);
    }
  });

  it('leaves what is immutable or only to be appended to, says so, and deletes the rest', async ({ skip }) => {
    mkdirSync(join(doomed, 'a/kept/c'), { recursive: true });
    for (const name of ['a/file', 'a/append', 'a/kept/file', 'other']) writeFileSync(join(doomed, name), '');
    const flagged = ['a/file', 'a/append', 'a/kept'].map((name) => join(doomed, name));
    try {
      execFileSync('chattr', ['+a', flagged[1]!]);
      execFileSync('chattr', ['+i', flagged[0]!, flagged[2]!]);
    } catch {
      return skip('this file system has no flags');
    }
    try {
      expect(await deleteTree(doomed)).toMatchObject({ error: { code: 'EPERM' } });
      expect(readdirSync(join(doomed, 'a')).toSorted()).toEqual(['append', 'file', 'kept']);
      expect(readdirSync(doomed)).toEqual(['a']);
    } finally {
      execFileSync('chattr', ['-i', '-a', ...flagged]);
    }
    expect(await deleteTree(doomed)).toBeNull();
  });

  it('goes on where another process was killed', async () => {
    makeChain(doomed, 200, 'x');
    const stop = new AbortController();
    const turn = async () => stop.abort(new Error('stopped'));
    await expect(deleteTree(doomed, { signal: stop.signal, turn })).rejects.toThrow('stopped');
    expect(existsSync(doomed)).toBe(true);
    expect(await deleteTree(doomed)).toBeNull();
    expect(existsSync(doomed)).toBe(false);
  });

  it('deletes a tree of directories on a file system that is full', async ({ skip }) => {
    const image = join(directory, 'disk');
    const mount = join(directory, 'mount');
    mkdirSync(mount);
    execFileSync('truncate', ['-s', '4M', image]);
    try {
      execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
      execFileSync('mount', ['-o', 'loop', image, mount]);
    } catch {
      return skip('this host mounts no loop devices');
    }
    try {
      const tree = join(mount, 'doomed');
      for (let i = 0; i < 500; i++) mkdirSync(join(tree, `a/${String(i).padStart(60, '0')}/b`), { recursive: true });
      const filler = openSync(join(mount, 'filler'), 'w');
      try {
        for (;;) writeFileSync(filler, Buffer.alloc(1024));
      } catch {
        // It is full.
      }
      closeSync(filler);
      expect(await deleteTree(tree)).toBeNull();
      expect(existsSync(tree)).toBe(false);
    } finally {
      execFileSync('umount', [mount]);
    }
  });
});
