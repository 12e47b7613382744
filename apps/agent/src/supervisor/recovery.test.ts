import { expect, test } from 'vitest';
import { compact } from './compact.fixture.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { ContainerDefinition } from './protocol.ts';
import { readPasts } from './recovery.ts';

const AT = '2026-01-31T12:00:00.000Z';
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)];

const created = (id: string): JournalEntry => ({ kind: 'created', id, definition: { id, name: 'first' } as ContainerDefinition });
const start = (id: string, incarnation: number): JournalEntry => ({ kind: 'start', id, incarnation, at: AT });
const desired = (id: string, state: 'running' | 'stopped'): JournalEntry => ({ kind: 'desired', id, desired: state });

test('of each kind the last entry counts, for its own container', () => {
  const pasts = readPasts([
    created(A),
    created(B),
    start(A, 1),
    { kind: 'renamed', id: A, name: 'second' },
    { kind: 'limits', id: A, limits: { pids: 1 } },
    start(A, 2),
    { kind: 'limits', id: A, limits: { pids: 2 } },
  ]);
  expect(pasts).toEqual([
    { definition: { id: A, name: 'second' }, limits: { pids: 2 }, start: { kind: 'start', id: A, incarnation: 2, at: AT } },
    { definition: { id: B, name: 'first' } },
  ]);
});

test('what was wanted of a container holds until it is started', () => {
  expect(readPasts([created(A), start(A, 1), desired(A, 'stopped')])[0]?.desired).toBe('stopped');
  expect(readPasts([created(A), desired(A, 'running'), start(A, 1)])[0]?.desired).toBeUndefined();
});

test('entries of a container that is gone are left out', () => {
  expect(readPasts([start(B, 1), desired(B, 'running')])).toEqual([]);
});

const failed = (id: string, incarnation: number): JournalEntry => {
  const error = { code: 'start-failed' as const, message: 'the kernel made no process', hint: 'Start it again.' };
  return { kind: 'failed', id, incarnation, at: AT, error };
};

test('a start that failed stays so until the next start', () => {
  const entries = compact([created(A), start(A, 1), failed(A, 1)]);
  expect(readPasts(entries)[0]).toMatchObject({ start: { incarnation: 1 }, failed: { error: { code: 'start-failed' } } });
  expect(readPasts(compact([...entries, start(A, 2)]))[0]?.failed).toBeUndefined();
});

test('a container that is made again under the id of a removed one is kept, without the entries of the first', () => {
  const again = compact([created(A), start(A, 1), { kind: 'removed', id: A }, created(A)]);
  expect(again).toEqual([created(A)]);
});
