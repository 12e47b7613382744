import { expect, test } from 'vitest';
import { fillerAmong } from './growth.ts';

const MEBIBYTE = 1024 * 1024;
const writer = (id: string, bytesPerS: number) => ({ id, name: id, bytesPerS });

test('the fastest writer fills a file system where containers make up half of what it grows by', () => {
  const [fast, slow] = [writer('fast', 4 * MEBIBYTE), writer('slow', MEBIBYTE)];
  expect(fillerAmong([fast, slow], 5 * MEBIBYTE)).toBe(fast);
  expect(fillerAmong([fast, slow], 10 * MEBIBYTE)).toBe(fast);
  // Another program frees space.
  expect(fillerAmong([fast, slow], MEBIBYTE)).toBe(fast);
});

test('none fills it where others do, or where it hardly grows', () => {
  expect(fillerAmong([writer('chatty', 4096)], 10 * MEBIBYTE)).toBeNull();
  expect(fillerAmong([writer('chatty', 4096)], 4096)).toBeNull();
  expect(fillerAmong([writer('fast', MEBIBYTE)], -MEBIBYTE)).toBeNull();
  expect(fillerAmong([], 10 * MEBIBYTE)).toBeNull();
});
