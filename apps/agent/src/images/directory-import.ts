import { constants, type BigIntStats } from 'node:fs';
import { open, readdir, readlink, type FileHandle, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { listAttributes } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { MAX_DEPTH, refuseEntry } from './entry-name.ts';
import { leftOut, reportAttribute } from './import-report.ts';
import type { Attributes, RootfsWriter } from './rootfs-writer.ts';

/** O_NONBLOCK: a file swapped for a FIFO must not hold the open for ever. */
const OPEN_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY;

/**
 * Copies a directory through `writer`, without leaving its file system. Its owner may rename things meanwhile: each level
 * is reached through the descriptor of the one above (/proc/self/fd/N, proc(5)) and never by following a symlink, so that
 * nothing outside of `path` can be drawn in.
 */
export async function importDirectory(path: string, writer: RootfsWriter): Promise<void> {
  await using top = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const stats = await top.stat({ bigint: true });
  writer.directory('.', attributesOf(stats));
  await copyLevel(top, [], { writer, device: stats.dev, hardLinks: new Map() });
}

interface Copy {
  writer: RootfsWriter;
  device: bigint;
  /** First name of each inode that has several. */
  hardLinks: Map<bigint, string>;
}

/** Each level keeps a descriptor open. */
async function copyLevel(directory: FileHandle, parents: string[], copy: Copy): Promise<void> {
  if (parents.length > MAX_DEPTH) throw refuseEntry(parents.join('/'), `lies more than ${MAX_DEPTH} directories deep`);
  const here = `/proc/self/fd/${directory.fd}`;
  for (const bytes of await readdir(here, { encoding: 'buffer' })) {
    const name = bytes.toString();
    if (!Buffer.from(name).equals(bytes)) throw refuseEntry([...parents, name].join('/'), 'has a name that is not UTF-8');
    await copyEntry(join(here, name), [...parents, name], copy);
  }
}

async function copyEntry(path: string, parts: string[], copy: Copy): Promise<void> {
  const { writer } = copy;
  const name = parts.join('/');
  const seen = await lstat(path, { bigint: true });
  if (seen.isSymbolicLink()) {
    writer.symlink(name, await readlink(path), attributesOf(seen));
    return;
  }
  if (!seen.isDirectory() && !seen.isFile()) {
    writer.skip(leftOut(seen.isFIFO() ? 'FIFO' : seen.isSocket() ? 'socket' : 'device node'), name);
    return;
  }
  await using opened = await openEntry(path, name, seen.isDirectory());
  const stats = await opened.stat({ bigint: true });
  if (stats.isDirectory() !== seen.isDirectory() || !(stats.isDirectory() || stats.isFile())) throw changed(name);
  if (stats.dev !== copy.device) {
    if (!stats.isDirectory()) throw changed(name);
    // A mount point stays, empty.
    writer.directory(name, attributesOf(stats));
    writer.skip(leftOut('file system mounted below it', 'file systems mounted below it'), name);
    return;
  }
  if (stats.isDirectory()) {
    writer.directory(name, attributesOf(stats));
    reportAttributes(opened.fd, name, writer);
    await copyLevel(opened, parts, copy);
    return;
  }
  const first = stats.nlink > 1n ? copy.hardLinks.get(stats.ino) : undefined;
  if (first !== undefined) {
    writer.hardLink(name, first);
    return;
  }
  await writer.copy(name, attributesOf(stats), `/proc/self/fd/${opened.fd}`, Number(stats.size));
  reportAttributes(opened.fd, name, writer);
  if (stats.nlink > 1n) copy.hardLinks.set(stats.ino, name);
}

function reportAttributes(fd: number, name: string, { report }: RootfsWriter): void {
  for (const attribute of listAttributes(fd)) reportAttribute(attribute, name, report);
}

async function openEntry(path: string, name: string, isDirectory: boolean): Promise<FileHandle> {
  try {
    return await open(path, isDirectory ? OPEN_DIRECTORY : OPEN_FILE);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENOENT' || code === 'ENXIO') throw changed(name);
    throw error;
  }
}

function changed(name: string): PlimsollError {
  return new PlimsollError('conflict', `${JSON.stringify(name)} changed while it was copied`, {
    hint: 'Import it again when nothing changes the directory.',
  });
}

function attributesOf(stats: BigIntStats): Attributes {
  return { mode: Number(stats.mode) & 0o7777, uid: Number(stats.uid), gid: Number(stats.gid), mtimeMs: Number(stats.mtimeMs) };
}
