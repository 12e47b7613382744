import { expect, it } from 'vitest';
import { moved, ofWindow, readRange, spanBetween, writeRange, zoomedOut } from './chart-range.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const read = (text: string) => readRange(new URLSearchParams(text), 300_000);

it('is what the address says, and the usual window where that says nothing of use', () => {
  expect(read('')).toEqual({ kind: 'live', windowMs: 300_000 });
  expect(read('window=10m')).toEqual({ kind: 'live', windowMs: 600_000 });
  expect(read('window=7d')).toEqual({ kind: 'past', windowMs: 7 * 86_400_000 });
  expect(read('from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z&window=1h')).toEqual({
    kind: 'span',
    from: NOW - 7_200_000,
    to: NOW - 3_600_000,
  });
  for (const text of ['window=3y', 'from=x&to=y', 'from=2026-03-01T11:00:00Z&to=2026-03-01T10:00:00Z', 'from=2026-03-01']) {
    expect(read(text)).toEqual({ kind: 'live', windowMs: 300_000 });
  }
});

it('comes back from the address that it was written to, which keeps what else it says', () => {
  for (const range of [ofWindow(60_000), ofWindow(86_400_000), spanBetween(NOW - 50_000, NOW - 90_000, NOW)]) {
    const written = writeRange(new URLSearchParams('tab=logs&window=1m&from=x'), range);
    expect(readRange(written, 1)).toEqual(range);
    expect(written.get('tab')).toBe('logs');
  }
});

it('is not shorter than a chart has a use for, and never in time to come', () => {
  expect(spanBetween(NOW - 1000, NOW, NOW)).toEqual({ kind: 'span', from: NOW - 10_000, to: NOW });
  expect(spanBetween(NOW - 60_000, NOW - 60_000, NOW)).toEqual({ kind: 'span', from: NOW - 60_000, to: NOW - 50_000 });
  const span = { from: NOW - 100_000, to: NOW - 20_000 };
  expect(moved(span, -0.5, NOW)).toMatchObject({ from: NOW - 140_000, to: NOW - 60_000 });
  expect(moved(span, 0.5, NOW)).toMatchObject({ from: NOW - 80_000, to: NOW });
  expect(zoomedOut(span, NOW)).toMatchObject({ from: NOW - 160_000, to: NOW });
});
