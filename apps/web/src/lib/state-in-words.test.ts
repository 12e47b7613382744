import type { ContainerState } from '@plimsoll/protocol';
import { expect, it } from 'vitest';
import { stateKind, stateLabel, stateSentence } from './state-in-words.ts';

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
