import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CHART_COLUMNS } from '@plimsoll/protocol/chart-columns';
import { single, type Chunk, type ChunkColumn } from './chunk.ts';

/**
 * A chunk as it is stored, deflated:
 *
 *   u8   VERSION
 *   u8   number of columns
 *   u16  number of steps
 *   f64  step in ms
 *   u32  [steps] counts
 *   then of each column a u8 of how it is told, and
 *        ABSENT       nothing
 *        CONSTANT     f32, of every step that has samples
 *        MEAN         f32 [steps]
 *        THREE        f32 [steps] three times: mean, least, most
 *
 * Arrays lie in planes, all lowest bytes first: deflate does better with these than with whole numbers.
 */
const VERSION = 1;
const HEADER_BYTES = 12;
const ABSENT = 0;
const CONSTANT = 1;
const MEAN = 2;
const THREE = 3;

/** `sparedBits`: so many of the lowest of each float are rounded away. */
export function encodeChunk({ stepMs, counts, columns }: Chunk, sparedBits: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(columns.length, 1);
  header.writeUInt16LE(counts.length, 2);
  header.writeDoubleLE(stepMs, 4);
  const keep = (values: Float32Array<ArrayBuffer>) =>
    sparedBits === 0 ? new Uint32Array(values.buffer) : rounded(values, sparedBits);
  return deflateRawSync(
    Buffer.concat([header, planes(counts), ...columns.flatMap((column) => encodeColumn(column, counts, keep))]),
  );
}

/** Throws for what encodeChunk has not written. */
export function decodeChunk(fromMs: number, stored: Uint8Array): Chunk {
  const bytes = inflateRawSync(stored);
  if (bytes.readUInt8(0) !== VERSION) throw new RangeError(`a chunk of version ${bytes.readUInt8(0)}`);
  const [present, steps] = [bytes.readUInt8(1), bytes.readUInt16LE(2)];
  let offset = HEADER_BYTES;
  const take = (): Uint32Array<ArrayBuffer> => {
    const words = fromPlanes(bytes.subarray(offset, offset + steps * 4), steps);
    offset += steps * 4;
    return words;
  };
  const floats = () => new Float32Array(take().buffer);
  const counts = take();
  const columns = CHART_COLUMNS.map((_column, i): ChunkColumn => {
    const kind = i < present ? bytes.readUInt8(offset++) : ABSENT;
    if (kind === THREE) return { mean: floats(), least: floats(), most: floats() };
    if (kind === MEAN) return single(floats());
    if (kind === ABSENT) return single(new Float32Array(steps).fill(Number.NaN));
    const value = bytes.readFloatLE(offset);
    offset += 4;
    return single(Float32Array.from(counts, (count) => (count === 0 ? Number.NaN : value)));
  });
  return { fromMs, stepMs: bytes.readDoubleLE(4), counts, columns };
}

function encodeColumn(
  { mean, least, most }: ChunkColumn,
  counts: Chunk['counts'],
  keep: (values: Float32Array<ArrayBuffer>) => Uint32Array<ArrayBuffer>,
): Buffer[] {
  const means = keep(mean);
  const [leasts, mosts] = least === mean && most === mean ? [means, means] : [keep(least), keep(most)];
  if (!isSame(means, leasts) || !isSame(means, mosts)) return [Buffer.of(THREE), planes(means), planes(leasts), planes(mosts)];
  if (mean.every(Number.isNaN)) return [Buffer.of(ABSENT)];
  const first = means[counts.findIndex((count) => count > 0)];
  const isConstant = means.every((word, step) => counts[step] === 0 || word === first);
  if (!isConstant || first === undefined) return [Buffer.of(MEAN), planes(means)];
  const value = Buffer.alloc(4);
  value.writeUInt32LE(first);
  return [Buffer.of(CONSTANT), value];
}

/** The nearest that end in so many zeroes. */
function rounded(values: Float32Array<ArrayBuffer>, bits: number): Uint32Array<ArrayBuffer> {
  const half = 1 << (bits - 1);
  const words = new Uint32Array(values.buffer.slice(0));
  return words.map((word, i) => (Number.isNaN(values[i]) ? word : ((word + half) >>> bits) << bits));
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function planes(words: Uint32Array<ArrayBuffer>): Buffer {
  const [bytes, n] = [new Uint8Array(words.buffer), words.length];
  const result = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < n; i++) {
    for (let plane = 0; plane < 4; plane++) result[plane * n + i] = bytes[i * 4 + plane] as number;
  }
  return result;
}

function fromPlanes(bytes: Uint8Array, n: number): Uint32Array<ArrayBuffer> {
  if (bytes.length !== n * 4) throw new RangeError('a chunk that is cut off');
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < n; i++) {
    for (let plane = 0; plane < 4; plane++) result[i * 4 + plane] = bytes[plane * n + i] as number;
  }
  return new Uint32Array(result.buffer);
}
