import type { Incident } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { IncidentList } from './incident-list.ts';

const incident = (id: number, second: number, group = 'acme/web'): Incident => ({
  id,
  at: new Date(second * 1000).toISOString(),
  kind: 'oom-kill',
  container: '0123456789abcdef',
  group,
  count: 1,
  resource: null,
  share: null,
});
const seconds = (incidents: readonly Incident[]) => incidents.map(({ at }) => Date.parse(at) / 1000);

it('tells of each once, and only of what is new', () => {
  const list = new IncidentList();
  const told: number[] = [];
  list.onNew(({ id }) => told.push(id));
  list.replace([incident(1, 1), incident(2, 2)]);
  list.add(incident(2, 2));
  list.add(incident(3, 3));
  expect(told).toEqual([3]);
  expect(seconds(list.about({ group: 'acme' }))).toEqual([1, 2, 3]);
});

it('keeps what a new agent no longer knows of, in order', () => {
  const list = new IncidentList();
  list.replace([incident(7, 10)]);
  list.replace([incident(1, 5), incident(2, 20)]);
  expect(seconds(list.about({ group: 'acme' }))).toEqual([5, 10, 20]);
});

it('counts a group with all that is in it, and none that only begins with its name', () => {
  const list = new IncidentList();
  list.replace([incident(1, 1, 'acme'), incident(2, 2, 'acme/web'), incident(3, 3, 'acme-too')]);
  expect(seconds(list.about({ group: 'acme' }))).toEqual([1, 2]);
});
