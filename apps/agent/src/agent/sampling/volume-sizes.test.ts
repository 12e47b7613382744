import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VolumeSizes } from './volume-sizes.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plim-sizes-'))));
afterEach(() => rmSync(directory, { recursive: true }));

test('a size is walked for when somebody wants it, and again when it is old', async () => {
  using sizes = new VolumeSizes();
  const walked = async () => {
    sizes.want(directory);
    await sizes.settled();
    return sizes.of(directory) ?? Number.NaN;
  };
  expect(sizes.of(directory)).toBeNull();
  const empty = await walked();
  expect(empty).toBeGreaterThanOrEqual(0);
  writeFileSync(join(directory, 'file'), Buffer.alloc(100_000, 1));
  expect(await walked(), 'not so soon').toBe(empty);
  await expect.poll(walked, { timeout: 30_000 }).toBeGreaterThanOrEqual(empty + 100_000);
});

test('what is gone or forgotten has no size', async () => {
  using sizes = new VolumeSizes();
  const gone = join(directory, 'none');
  for (const path of [gone, directory]) sizes.want(path);
  sizes.forget(directory);
  await sizes.settled();
  expect([sizes.of(gone), sizes.of(directory)]).toEqual([null, null]);
  sizes.want(directory);
  await sizes.settled();
  sizes.forget(directory);
  expect(sizes.of(directory)).toBeNull();
});
