import { expect, test } from 'vitest';
import { allocateSamples, COLUMNS, CONTAINER_COLUMNS, decodeSamples, GAP, TABLE_COLUMNS, type ColumnName } from './samples.ts';

/** A block in which every cell of every column is a number of its own. */
function filled(times: number, rows: number, names: readonly ColumnName[]) {
  const block = allocateSamples(times, rows, names);
  let n = 0;
  block.times.forEach((_, i) => (block.times[i] = 1_767_225_600_000.5 + i));
  block.handles.forEach((_, i) => (block.handles[i] = 4_294_967_295 - i));
  for (const column of Object.values(block.columns)) {
    if (column instanceof BigUint64Array) column.forEach((_, i) => (column[i] = 2n ** 60n + BigInt(n++)));
    else column.forEach((_, i) => (column[i] = n++));
  }
  return block;
}

test.each([
  { times: 0, rows: 0, names: [] },
  { times: 1, rows: 1, names: CONTAINER_COLUMNS },
  { times: 3, rows: 5, names: TABLE_COLUMNS },
  { times: 7, rows: 3, names: ['pids'] as const },
  { times: 2, rows: 2, names: ['cpuUsageNs', 'memoryUsageBytes'] as const },
])('$times times and $rows rows of $names come back as they were', ({ times, rows, names }) => {
  const { bytes, ...block } = filled(times, rows, names);
  expect(decodeSamples(bytes)).toEqual(block);
  expect(Object.keys(block.columns).toSorted()).toEqual([...names].toSorted());
});

test('a block may lie anywhere in a buffer, and is copied from it', () => {
  const { bytes, ...block } = filled(3, 3, CONTAINER_COLUMNS);
  for (let offset = 1; offset < 8; offset++) {
    const around = new Uint8Array(bytes.length + 16).fill(0xee);
    around.set(bytes, offset);
    const decoded = decodeSamples(around.subarray(offset, offset + bytes.length));
    around.fill(0);
    expect(decoded).toEqual(block);
  }
});

test('gaps come through: the greatest u64, and NaN', () => {
  const block = allocateSamples(1, 1, ['cpuUsageNs', 'memoryUsageBytes', 'cpuCores']);
  block.columns.cpuUsageNs?.fill(GAP);
  block.columns.memoryUsageBytes?.fill(Number.NaN);
  block.columns.cpuCores?.fill(Number.NaN);
  const { columns } = decodeSamples(block.bytes);
  expect(columns.cpuUsageNs).toEqual(new BigUint64Array([GAP]));
  expect(columns.memoryUsageBytes?.[0]).toBeNaN();
  expect(columns.cpuCores?.[0]).toBeNaN();
});

test('a block cut off anywhere is a RangeError', () => {
  const { bytes } = filled(3, 2, CONTAINER_COLUMNS);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeSamples(bytes.subarray(0, length)), String(length)).toThrow(RangeError);
  }
});

test('a header that no agent writes is a RangeError, before any of it is believed', () => {
  const header = (magic: number, times: number, rows: number, low: number, high = 0) =>
    new Uint8Array(new Uint32Array([magic, times, rows, low, high, 0]).buffer);
  const [magic = 0] = new Uint32Array(filled(1, 1, ['pids']).bytes.buffer, 0, 1);
  expect(decodeSamples(header(magic, 0, 0, 0)).times).toHaveLength(0);
  for (const bad of [
    header(magic + 1, 0, 0, 0),
    header(magic, 0, 0, 0, 1 << (COLUMNS.length - 32)),
    header(magic, 0, 0, 0, 0x8000_0000),
    header(magic, 0xffff_ffff, 0xffff_ffff, 1),
    header(magic, 0xffff_ffff, 0, 1),
    header(magic, 0, 0xffff_ffff, 1),
    header(magic, 2000, 2001, 1),
  ]) {
    expect(() => decodeSamples(bad)).toThrow(RangeError);
  }
});
