import type { ContainerState, FreezeReason } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { heldBy, isHeldByGroupAlone, stateKind, stateLabel, stateSentence } from './state-in-words.ts';

const times = { startedAt: '2026-01-01T00:00:00.000Z', exitedAt: '2026-01-01T00:01:05.000Z' };
const exited = (rest: { exitCode: number | null; signal?: string; oomKilled?: boolean }): ContainerState => ({
  status: 'exited',
  ...times,
  signal: null,
  oomKilled: false,
  ...rest,
});

it.each<[ContainerState, string, string, string]>([
  [exited({ exitCode: 0 }), 'idle', 'exited 0', 'Ended by itself with exit code 0: success. It had run for 1 min 05 s.'],
  [exited({ exitCode: 3 }), 'failed', 'exited 3', 'Ended by itself with exit code 3. It had run for 1 min 05 s.'],
  [
    exited({ exitCode: 143, signal: 'SIGTERM' }),
    'failed',
    'SIGTERM',
    'Ended by SIGTERM, the request to stop. It had run for 1 min 05 s.',
  ],
  [
    exited({ exitCode: 137, signal: 'SIGKILL', oomKilled: true }),
    'failed',
    'out of memory',
    "The kernel's out-of-memory killer ended it: it needed more than its memory limit. It had run for 1 min 05 s.",
  ],
  [
    exited({ exitCode: null }),
    'failed',
    'exited',
    'Ended while nothing watched it, so its exit code is not known. It had run for 1 min 05 s.',
  ],
])('%#', (state, kind, label, sentence) => {
  expect(stateKind(state)).toBe(kind);
  expect(stateLabel(state)).toBe(label);
  expect(stateSentence(state, 0)).toBe(sentence);
});

it('tells how long it has run', () => {
  const now = Date.parse('2026-01-01T02:07:00.000Z');
  expect(stateSentence({ status: 'running', pid: 42, startedAt: times.startedAt }, now)).toBe(
    'Running for 2 h 07 min as process 42.',
  );
});

const frozen = (...reasons: FreezeReason[]): ContainerState => ({
  status: 'frozen',
  pid: 42,
  startedAt: times.startedAt,
  frozenAt: times.startedAt,
  reasons,
});
const byGroup: FreezeReason = { by: 'group', group: 'acme' };

it.each<[reasons: FreezeReason[], kind: string, label: string, sentence: string]>([
  [[{ by: 'user' }], 'frozen', 'frozen', 'by you'],
  [[byGroup], 'held', 'frozen by group', 'by its group acme'],
  [[{ by: 'user' }, byGroup], 'held', 'frozen by group', 'by you, and by its group acme'],
  [[{ by: 'outside' }], 'outside', 'frozen outside', 'from outside: somebody wrote to its cgroup past Plimsoll'],
])('freeze reasons %#', (reasons, kind, label, sentence) => {
  const state = frozen(...reasons);
  expect(stateKind(state)).toBe(kind);
  expect(stateLabel(state)).toBe(label);
  expect(stateSentence(state, Date.parse(times.exitedAt))).toBe(
    `Frozen for 1 min 05 s ${sentence}. Its processes keep their memory and get no cpu.`,
  );
});

it('knows the group that holds it, and whether that alone does', () => {
  expect([heldBy({ state: frozen(byGroup) }), isHeldByGroupAlone({ state: frozen(byGroup) })]).toEqual(['acme', true]);
  const both = frozen({ by: 'user' }, byGroup);
  expect([heldBy({ state: both }), isHeldByGroupAlone({ state: both })]).toEqual(['acme', false]);
  expect(heldBy({ state: frozen({ by: 'user' }) })).toBeNull();
});

it('a start behind a frozen group waits', () => {
  const state: ContainerState = { status: 'starting', frozenBy: 'acme' };
  expect([stateKind(state), stateLabel(state), heldBy({ state })]).toEqual(['waiting', 'waits for group', 'acme']);
  expect(stateSentence(state, 0)).toBe('Waits to start: its group acme is frozen.');
});
