import type { Incident } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { Incidents } from './incidents.ts';

const incident = (id: number): Incident => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'oom-kill',
  container: '0123456789abcdef',
  group: 'default',
  count: 1,
  resource: null,
  share: null,
});

test('what a supervisor remembers is taken once, and told', () => {
  const incidents = new Incidents();
  const told: number[] = [];
  incidents.on('incident', ({ id }) => told.push(id));
  incidents.catchUp([incident(1), incident(2)]);
  incidents.add(incident(3));
  incidents.catchUp([incident(2), incident(3), incident(4)]);
  expect(told).toEqual([1, 2, 3, 4]);
  expect(incidents.recent.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

test('the newest 500 are kept', () => {
  const incidents = new Incidents();
  for (let id = 1; id <= 700; id++) incidents.add(incident(id));
  expect(incidents.recent.map(({ id }) => id)).toEqual(Array.from({ length: 500 }, (_, i) => i + 201));
});
