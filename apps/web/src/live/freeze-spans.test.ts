import { expect, it } from 'vitest';
import { mergeSpans } from '@plimsoll/protocol';
import { nextFreezeSpans } from './freeze-spans.ts';

const at = (time: number) => new Date(time).toISOString();

it('opens and closes spans as states tell', () => {
  let spans = nextFreezeSpans([], null, 500);
  expect(spans).toEqual([]);
  spans = nextFreezeSpans(spans, at(1000), 1001);
  expect(spans).toEqual([{ from: 1000, to: null }]);
  expect(nextFreezeSpans(spans, at(1000), 1500)).toBe(spans);
  spans = nextFreezeSpans(spans, null, 2000);
  expect(spans).toEqual([{ from: 1000, to: 2000 }]);
  expect(nextFreezeSpans(spans, null, 2500)).toBe(spans);
});

it('closes a span whose end was missed while offline', () => {
  const spans = nextFreezeSpans([{ from: 1000, to: null }], at(3000), 3001);
  expect(spans).toEqual([
    { from: 1000, to: 3000 },
    { from: 3000, to: null },
  ]);
});

it('joins the freezes of a group with those of the groups that it is in', () => {
  const own = [
    { from: 100, to: 200 },
    { from: 900, to: null },
  ];
  const above = [
    { from: 150, to: 300 },
    { from: 500, to: 600 },
    { from: 950, to: 1000 },
  ];
  expect(mergeSpans([own, above])).toEqual([
    { from: 100, to: 300 },
    { from: 500, to: 600 },
    { from: 900, to: null },
  ]);
});
