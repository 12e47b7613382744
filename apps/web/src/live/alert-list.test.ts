import type { Alert } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { AlertList } from './alert-list.ts';

const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  rule: '1',
  ruleName: 'busy',
  subject: { kind: 'container', id: '1', name: 'web', group: 'acme' },
  cause: { kind: 'metric', metric: 'cpu', above: 1, forMs: 0, value: 2 },
  since: 1,
  until: null,
  ending: null,
  count: 1,
  acknowledgedAt: null,
  ...more,
});

test('an alert is told of once, and counted until somebody has seen it', () => {
  const list = new AlertList();
  const told: string[] = [];
  list.onNew(({ id }) => told.push(id));
  list.replace([alert('a')]);
  expect(told, 'what is there already is no news').toEqual([]);
  list.put(alert('b'));
  list.put(alert('b', { until: 2, ending: 'below' }));
  expect(told).toEqual(['b']);
  expect([list.unseen(), list.firing()]).toEqual([2, 1]);
  list.put(alert('a', { acknowledgedAt: 3 }));
  expect([list.unseen(), list.firing()]).toEqual([1, 1]);
  list.put(alert('b', { until: 2, ending: 'below', acknowledgedAt: 3 }));
  expect([list.unseen(), list.firing()]).toEqual([0, 1]);
});

test('what came while the page was without the agent is told of', () => {
  const list = new AlertList();
  const told: string[] = [];
  list.onNew(({ id }) => told.push(id));
  list.replace([alert('a')]);
  list.replace([alert('a'), alert('b')]);
  expect(told).toEqual(['b']);
});
