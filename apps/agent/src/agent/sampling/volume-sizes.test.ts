import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VolumeSizes } from './volume-sizes.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plim-sizes-'))));
afterEach(() => rmSync(directory, { recursive: true }));

test('a size is walked for when somebody asks, and again when it is old', async () => {
  using sizes = new VolumeSizes(0);
  expect(sizes.of(directory)).toBeNull();
  await sizes.settled();
  const empty = sizes.of(directory);
  expect(empty).toBeGreaterThanOrEqual(0);
  await sizes.settled();
  writeFileSync(join(directory, 'file'), Buffer.alloc(100_000, 1));
  sizes.of(directory);
  await sizes.settled();
  expect(sizes.of(directory)).toBeGreaterThanOrEqual((empty ?? 0) + 100_000);
});

test('what is gone or forgotten has no size', async () => {
  using sizes = new VolumeSizes();
  expect([sizes.of(join(directory, 'none')), sizes.of(directory)]).toEqual([null, null]);
  sizes.forget(directory);
  await sizes.settled();
  expect([sizes.of(join(directory, 'none')), sizes.of(directory)]).toEqual([null, null]);
  await sizes.settled();
  sizes.forget(directory);
  expect(sizes.of(directory)).toBeNull();
});
