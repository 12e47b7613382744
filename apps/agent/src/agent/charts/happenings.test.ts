import type { LoggedEvent } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { newEvent } from '../events/new-event.ts';
import { frozenSpans } from './happenings.ts';

const at = (ms: number, kind: Parameters<typeof newEvent>[0]['kind']): LoggedEvent => {
  const { once: _once, ...event } = newEvent({ kind, subject: 'container', id: 'a', at: ms });
  return { ...event, seq: ms };
};

test('a freeze lasts until a thaw, an end, or now', () => {
  const events = [
    at(10, 'container.started'),
    at(20, 'container.frozen'),
    at(25, 'container.frozen'),
    at(30, 'container.thawed'),
    at(40, 'container.frozen'),
    at(50, 'container.exited'),
    at(60, 'container.started'),
    at(70, 'container.frozen'),
  ];
  expect(frozenSpans(events, 0)).toEqual([
    { from: 20, to: 30 },
    { from: 40, to: 50 },
    { from: 70, to: null },
  ]);
  expect(frozenSpans(events, 45), 'from where one looks').toEqual([
    { from: 45, to: 50 },
    { from: 70, to: null },
  ]);
  expect(frozenSpans([at(40, 'container.frozen'), at(20, 'container.thawed')], 0), 'the clock was set back').toEqual([]);
});
