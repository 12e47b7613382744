import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';
import { type Extract, extract, type Header } from 'tar-stream';
import { z } from 'zod';
import { refuseEntry } from './entry-name.ts';
import { leftOut, reportAttribute } from './import-report.ts';
import { type Attributes, IMPORT_LIMITS, type ImportLimits, type RootfsWriter } from './rootfs-writer.ts';

const BLOCK_BYTES = 512;
/** An entry's header, pax records and padding: what a stream may have beside content. */
const OVERHEAD_BYTES_PER_ENTRY = 8 * BLOCK_BYTES;
/** -1 means 'leave as it is' to chown(2). */
const MAX_ID = 2 ** 32 - 2;

const PaxRecords = z.record(z.string(), z.string());
type PaxRecords = z.infer<typeof PaxRecords>;
type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/** Unpacks a rootfs tar (plain, gzip or zstd) through `writer`. Throws `bad-request` for anything that is not one, or is hostile. */
export async function importTar(path: string, writer: RootfsWriter, limits: ImportLimits = IMPORT_LIMITS): Promise<void> {
  const archive = extract();
  const compression = await compressionOf(path);
  const opened = compression?.open === undefined ? [] : [compression.open()];
  const fed = pipeline([createReadStream(path), ...opened, guardStream(limits, compression?.name), archive]);
  // Its failure reaches the loop below through `archive`; the promise alone must not become an unhandled rejection.
  fed.catch(() => {});
  try {
    for await (const entry of archive) await importEntry(entry, writer);
    await fed;
  } catch (error) {
    archive.destroy();
    await fed.catch(() => {});
    throw asPlimsollError(error);
  }
}

async function importEntry(entry: Entry, writer: RootfsWriter): Promise<void> {
  const { header } = entry;
  const { name } = header;
  const pax = PaxRecords.parse(header.pax ?? {});
  const attributes = readAttributes(header, pax);
  if (Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) throw refuseEntry(name, 'is stored as a sparse file');
  for (const key of Object.keys(pax)) {
    const [, attribute] = /^(?:SCHILY|LIBARCHIVE)\.xattr\.(.+)$/.exec(key) ?? [];
    if (attribute !== undefined) reportAttribute(attribute, name, writer.report);
  }
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      writer.expect(header.size ?? 0);
      return writer.file(name, attributes, contentOf(entry));
    case 'directory':
      writer.directory(name, attributes);
      break;
    case 'symlink':
      writer.symlink(name, header.linkname ?? '', attributes);
      break;
    case 'link':
      writer.hardLink(name, header.linkname ?? '');
      break;
    case 'character-device':
    case 'block-device':
      writer.skip(leftOut('device node'), name);
      break;
    case 'fifo':
      writer.skip(leftOut('FIFO'), name);
      break;
    default:
      throw refuseEntry(name, 'is of a kind that a rootfs tar does not have');
  }
  entry.resume();
}

async function* contentOf(entry: Entry): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}

/** tar-stream applies path, linkpath and size of pax records (pax(1)); owner and time are left to us. */
function readAttributes(header: Header, pax: PaxRecords): Attributes {
  const id = (field: 'uid' | 'gid'): number => {
    const value = Number(pax[field] ?? header[field]);
    if (Number.isInteger(value) && value >= 0 && value <= MAX_ID) return value;
    throw refuseEntry(header.name, `has an impossible ${field}`);
  };
  if (!Number.isInteger(header.mode)) throw refuseEntry(header.name, 'has an impossible mode');
  const mtimeMs = pax['mtime'] === undefined ? header.mtime.getTime() : Number(pax['mtime']) * 1000;
  return {
    mode: header.mode & 0o7777,
    uid: id('uid'),
    gid: id('gid'),
    mtimeMs,
  };
}

interface Compression {
  name: string;
  magic: number[];
  open?: () => Transform;
}

const COMPRESSIONS: Compression[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], open: createGunzip },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], open: createZstdDecompress },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
];

/** By the file's first bytes: names lie. Undefined: none. */
async function compressionOf(path: string): Promise<Compression | undefined> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
  const found = COMPRESSIONS.find(({ magic }) => bytesRead >= magic.length && magic.every((byte, i) => buffer[i] === byte));
  if (found === undefined || found.open !== undefined) return found;
  throw new PlimsollError('bad-request', `the file is compressed with ${found.name}, which is not supported`, {
    hint: 'Decompress it first, or use gzip or zstd.',
  });
}

/**
 * Bounds what a small compressed file may unpack to, and wants the archive's end: a tar that was cut between two entries
 * reads like a whole one, but for the zero blocks that end it (tar(5)).
 */
function guardStream(limits: ImportLimits, compression?: string): Transform {
  const most = limits.bytes + limits.entries * OVERHEAD_BYTES_PER_ENTRY;
  let total = 0;
  let tail = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-BLOCK_BYTES)]).subarray(-BLOCK_BYTES);
      if (total <= most) {
        done(null, chunk);
      } else {
        done(
          new PlimsollError('too-large', `the archive unpacks to more than ${sizeInWords(most)}`, {
            hint: 'Import a smaller tree.',
          }),
        );
      }
    },
    flush(done) {
      const ended = tail.length === BLOCK_BYTES && tail.every((byte) => byte === 0);
      done(ended ? null : withoutEnd(compression));
    },
  });
}

/** Node's zstd stream ends with the first frame (zstd:chunked, pzstd and `cat a.zst b.zst` make several). */
function withoutEnd(compression: string | undefined): PlimsollError {
  const isZstd = compression === 'zstd';
  const frames = isZstd ? ', or has more than one zstd frame, of which the first alone is read' : '';
  const hint = isZstd ? 'Decompress it first, with `zstd -d`, or use gzip.' : 'Make the archive again, and give all of it.';
  return new PlimsollError('bad-request', `the archive does not end as a tar does: it is cut short, or no tar at all${frames}`, {
    hint,
  });
}

function asPlimsollError(error: unknown): unknown {
  if (error instanceof PlimsollError || !(error instanceof Error)) return error;
  // A failing disk is not the archive's fault; zlib and tar-stream tell of bad content without a syscall.
  if ('syscall' in error) return error;
  return notATar(`the archive cannot be read: ${error.message}`, error);
}

function notATar(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('bad-request', message, { hint: 'Give a rootfs tar: plain, gzip or zstd.', cause });
}
