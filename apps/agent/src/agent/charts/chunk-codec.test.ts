import { CHART_COLUMNS } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { Accumulator } from './accumulator.ts';
import { samples } from './charts.fixture.ts';
import { decodeChunk, encodeChunk } from './chunk-codec.ts';

const FROM = 1_700_000_000_000;
const cpu = CHART_COLUMNS.indexOf('cpuCores');
const memory = CHART_COLUMNS.indexOf('memoryAnonBytes');
const pids = CHART_COLUMNS.indexOf('pids');

test('samples come back bit by bit: what stands still, what moves, what is missing', () => {
  const rows = Array.from({ length: 60 }, (_, i) => (i === 7 ? null : { cpuCores: Math.sin(i), pids: 3 }));
  const chunk = samples(FROM, rows);
  expect(decodeChunk(FROM, encodeChunk(chunk, 0))).toEqual(chunk);
  expect(chunk.columns[pids]?.mean[7]).toBeNaN();
  expect(chunk.columns[memory]?.mean.every(Number.isNaN)).toBe(true);
});

test('means and extremes keep three digits', () => {
  const sums = new Accumulator(FROM, 10_000, 6);
  sums.add(
    samples(
      FROM,
      Array.from({ length: 60 }, (_, i) => ({ cpuCores: 0.1234 * (i + 1), memoryAnonBytes: 1e9 + i * 12_345 })),
    ),
  );
  const chunk = sums.chunk();
  const stored = decodeChunk(FROM, encodeChunk(chunk, 13));
  expect(stored.counts).toEqual(chunk.counts);
  for (const column of [cpu, memory]) {
    for (const kind of ['mean', 'least', 'most'] as const) {
      const [was, is] = [chunk.columns[column]?.[kind] ?? [], stored.columns[column]?.[kind] ?? []];
      for (const [step, value] of was.entries()) expect(Math.abs((is[step] ?? 0) / value - 1)).toBeLessThan(1 / 2000);
    }
  }
});

test('a container that stands still takes next to nothing', () => {
  const rows = Array.from({ length: 60 }, () => ({ cpuCores: 0, memoryAnonBytes: 4_194_304, pids: 1 }));
  expect(encodeChunk(samples(FROM, rows), 0).length).toBeLessThan(60);
});

test('what is cut off is refused', () => {
  const stored = encodeChunk(samples(FROM, [{ cpuCores: 1 }, { cpuCores: 2 }]), 0);
  expect(() => decodeChunk(FROM, stored.subarray(0, stored.length - 3))).toThrow(/unexpected end of file/);
});
