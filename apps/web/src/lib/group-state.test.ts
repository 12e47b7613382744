import type { ContainerView, GroupView } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { countMembers, groupStateLabel, isInGroup } from './group-state.ts';

const container = (group: string, alive: boolean) =>
  ({ group, state: alive ? { status: 'running', pid: 1 } : { status: 'created' } }) as ContainerView;
const group = (frozenAt: string | null, frozenBy: string | null) => ({ path: 'acme/web', frozenAt, frozenBy }) as GroupView;

it('counts a container in every group that it is in', () => {
  const members = countMembers([container('acme/web', true), container('acme/web', false), container('acme', true)]);
  expect(members.get('acme')).toEqual({ alive: 2, all: 3 });
  expect(members.get('acme/web')).toEqual({ alive: 1, all: 2 });
});

it.each([
  [group(null, null), 1, 'active'],
  [group(null, null), 0, 'empty'],
  [group('2026-01-01T00:00:00.000Z', 'acme'), 1, 'frozen'],
  [group(null, 'acme'), 1, 'frozen by acme'],
])('says its state in a word %#', (view, alive, label) => expect(groupStateLabel(view, alive)).toBe(label));

it('tells a group inside from one of a longer name', () => {
  expect([isInGroup('acme/web', 'acme'), isInGroup('acme', 'acme'), isInGroup('acme-too', 'acme')]).toEqual([true, true, false]);
});
