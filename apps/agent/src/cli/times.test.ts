import { expect, test } from 'vitest';
import { parseDuration, parseTime } from './times.ts';

test('a time is so long ago, or a date', () => {
  const now = Date.parse('2026-11-25T12:00:00Z');
  expect(parseTime('90s', '--since', now)).toBe(now - 90_000);
  expect(parseTime('2h', '--since', now)).toBe(now - 7_200_000);
  expect(parseTime('7d', '--since', now)).toBe(now - 7 * 86_400_000);
  expect(parseTime('2026-11-25T11:00:00Z', '--since', now)).toBe(now - 3_600_000);
  expect(parseTime('2026-11-25', '--since')).toBe(new Date(2026, 10, 25).getTime());
  for (const wrong of ['', 'yesterday', '1', '1y', '12', '2026-13-45']) {
    expect(() => parseTime(wrong, '--since'), wrong).toThrow(/--since/);
  }
});

test('a duration', () => {
  expect(parseDuration('2w', '--step')).toBe(14 * 86_400_000);
  expect(() => parseDuration('1.5h', '--step')).toThrow(/--step "1.5h": give a time/);
});
