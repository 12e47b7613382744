import type { ContainerView } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { nextFreezeSpans } from './freeze-spans.ts';

const running = { state: { status: 'running' } } as ContainerView;
const frozen = (frozenAt: number) =>
  ({ state: { status: 'frozen', frozenAt: new Date(frozenAt).toISOString() } }) as ContainerView;

it('opens and closes spans as states tell', () => {
  let spans = nextFreezeSpans([], running, 500);
  expect(spans).toEqual([]);
  spans = nextFreezeSpans(spans, frozen(1000), 1001);
  expect(spans).toEqual([{ from: 1000, to: null }]);
  expect(nextFreezeSpans(spans, frozen(1000), 1500)).toBe(spans);
  spans = nextFreezeSpans(spans, running, 2000);
  expect(spans).toEqual([{ from: 1000, to: 2000 }]);
  expect(nextFreezeSpans(spans, running, 2500)).toBe(spans);
});

it('closes a span whose end was missed while offline', () => {
  const spans = nextFreezeSpans([{ from: 1000, to: null }], frozen(3000), 3001);
  expect(spans).toEqual([
    { from: 1000, to: 3000 },
    { from: 3000, to: null },
  ]);
});
