import { execFileSync } from 'node:child_process';
import {
  existsSync,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importDirectory } from './directory-import.ts';
import { RootfsWriter } from './rootfs-writer.ts';

let directory: string;
let source: string;
let rootfs: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-dir-'));
  source = join(directory, 'source');
  rootfs = join(directory, 'rootfs');
  mkdirSync(source);
  mkdirSync(rootfs);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function copy(): Promise<RootfsWriter> {
  const writer = new RootfsWriter(rootfs);
  await importDirectory(source, writer);
  writer.finish();
  return writer;
}

const SETCAP = '/usr/sbin/setcap';

describe('importDirectory', () => {
  it('copies content, modes, owners and links, and shares no inode with the host', async () => {
    mkdirSync(join(source, 'bin'), { mode: 0o711 });
    writeFileSync(join(source, 'bin/su'), 'program');
    chownSync(join(source, 'bin/su'), 12, 34);
    chmodSync(join(source, 'bin/su'), 0o6755);
    linkSync(join(source, 'bin/su'), join(source, 'bin/also-su'));
    await copy();
    const copied = statSync(join(rootfs, 'bin/su'));
    expect(copied).toMatchObject({ mode: 0o106755, uid: 12, gid: 34, nlink: 2 });
    expect(copied.ino).not.toBe(statSync(join(source, 'bin/su')).ino);
    expect(statSync(join(rootfs, 'bin/also-su')).ino).toBe(copied.ino);
    expect(statSync(join(rootfs, 'bin')).mode).toBe(0o40711);
  });

  it('copies a symlink as such', async () => {
    symlinkSync('/etc/shadow', join(source, 'file'));
    symlinkSync('/etc', join(source, 'directory'));
    await copy();
    expect([readlinkSync(join(rootfs, 'file')), readlinkSync(join(rootfs, 'directory'))]).toEqual(['/etc/shadow', '/etc']);
    expect(lstatSync(join(rootfs, 'directory')).isSymbolicLink()).toBe(true);
  });

  it('leaves FIFOs out without waiting for a writer', async () => {
    execFileSync('mkfifo', [join(source, 'pipe')]);
    writeFileSync(join(source, 'file'), 'x');
    const writer = await copy();
    expect(writer.report.notes).toEqual(['left out: 1 FIFO, "pipe"']);
    expect(readFileSync(join(rootfs, 'file'), 'utf8')).toBe('x');
  });

  it.skipIf(!existsSync(SETCAP))(`says that file capabilities are left out (${SETCAP})`, async () => {
    writeFileSync(join(source, 'ping'), 'x');
    execFileSync(SETCAP, ['cap_net_raw+ep', join(source, 'ping')]);
    const writer = await copy();
    expect(writer.report.notes).toEqual(['left out: 1 file capability, "ping"']);
  });

  it('refuses a name that is not UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff])]), 'x');
    await expect(copy()).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('UTF-8') });
  });

  it('refuses a tree that is deeper than it has descriptors for', async () => {
    mkdirSync(join(source, 'd/'.repeat(300)), { recursive: true });
    await expect(copy()).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('deep') });
  });
});
