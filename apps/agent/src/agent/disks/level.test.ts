import { expect, test } from 'vitest';
import type { DiskLevel } from '@plimsoll/protocol';
import { levelAt } from './level.ts';

test('a level begins at its share, and ends some way below it', () => {
  const shares = [0.5, 0.89, 0.9, 0.88, 0.871, 0.86, 0.89, 0.98, 0.971, 0.969, 0.9, 0.86, 1];
  let level: DiskLevel = 'ok';
  const levels = shares.map((share) => (level = levelAt(share, level, 0.9)));
  expect(levels).toEqual(['ok', 'ok', 'low', 'low', 'low', 'ok', 'ok', 'full', 'full', 'low', 'low', 'ok', 'full']);
});
