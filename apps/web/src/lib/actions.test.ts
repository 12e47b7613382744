import type { ContainerState } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { actionsIn } from './actions.ts';

const names = (state: ContainerState) => actionsIn(state).map(({ name }) => name);

it('offers what means something in a state', () => {
  expect(names({ status: 'created' })).toEqual(['start', 'remove']);
  expect(names({ status: 'running', pid: 1, startedAt: '2026-01-01T00:00:00.000Z' })).toEqual(['freeze', 'stop', 'kill']);
});

it('ends a start, or lets it go on, only where it waits for a frozen group', () => {
  expect(names({ status: 'starting', frozenBy: null })).toEqual([]);
  expect(names({ status: 'starting', frozenBy: 'acme' })).toEqual(['thaw', 'kill']);
});
