import { expect, test } from 'vitest';
import { parseDuration, parseInstant } from './instants.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

test.each([
  ['90s', '2026-01-31T11:58:30.000Z'],
  ['24h', '2026-01-30T12:00:00.000Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T08:30', '2026-01-31T08:30:00.000Z'],
  ['2026-01-31T08:30:00+02:00', '2026-01-31T06:30:00.000Z'],
])('%s is an instant', (text, instant) => {
  expect(parseInstant(text, '--from', NOW)).toBe(instant);
});

test.each(['', '5', 'h', '-1h', '1y', 'yesterday', '2026-13-01', '12:00'])('"%s" is none', (text) => {
  expect(() => parseInstant(text, '--from')).toThrow(/--from ".*": give a time/);
});

test('a duration', () => {
  expect(parseDuration('2w', '--step')).toBe(14 * 86_400_000);
  expect(() => parseDuration('1.5h', '--step')).toThrow(/--step/);
});
