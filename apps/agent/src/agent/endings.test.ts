import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { containerRecord as record, RUNNING } from './container-record.fixture.ts';
import { Endings } from './endings.ts';
import { Registry } from './registry.ts';

const [A, B] = ['aaaa000000000000', 'bbbb000000000000'];
const EXITED = {
  status: 'exited',
  startedAt: RUNNING.startedAt,
  exitedAt: '2026-01-01T00:00:09.000Z',
  ...{ exitCode: 3, signal: null, oomKilled: false },
} as const;
const running = (id: string, name: string) => record(id, name, { state: RUNNING });
const exited = (id: string, name: string) => record(id, name, { state: EXITED });

let registry: Registry;
let endings: Endings;
beforeEach(() => {
  vi.useFakeTimers();
  registry = new Registry();
  endings = new Endings(registry);
  registry.replace({ groups: [], records: [running(A, 'one'), record(B, 'two')] });
});
afterEach(() => {
  endings[Symbol.dispose]();
  vi.useRealTimers();
});

test('a wait resolves with the end, and one that comes later resolves at once', async () => {
  const waits = [endings.wait('one', 1000), endings.wait(A, 1000)];
  registry.update(exited(A, 'one'));
  for (const wait of [...waits, endings.wait(A, 0)]) expect(await wait).toMatchObject({ id: A, state: EXITED });
});

test('one that was never started does not run', async () => {
  expect(await endings.wait('two', 1000)).toMatchObject({ id: B, state: { status: 'created' } });
});

test('the time passes', async () => {
  const wait = endings.wait(A, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await wait).toBeNull();
});

test('the end of a container that is removed with it is known, also a moment later', async () => {
  const wait = endings.wait(A, 1000);
  registry.update(exited(A, 'one'));
  registry.remove(A);
  expect(await wait).toMatchObject({ state: EXITED });
  for (const ref of [A, 'one']) expect(await endings.wait(ref, 0)).toMatchObject({ id: A, state: EXITED });
  await vi.advanceTimersByTimeAsync(60_001);
  await expect(endings.wait(A, 0)).rejects.toMatchObject({ code: 'not-found' });
});

test("a name that is another container's by now is that one's", async () => {
  registry.update(exited(A, 'one'));
  registry.remove(A);
  registry.update(running(B, 'one'));
  const wait = endings.wait('one', 5);
  await vi.advanceTimersByTimeAsync(5);
  expect(await wait).toBeNull();
});

test('one that goes without an end is not found, nor one that never was', async () => {
  const wait = endings.wait(A, 1000).catch((error: unknown) => error);
  registry.remove(A);
  expect(await wait).toMatchObject({ code: 'not-found' });
  await expect(endings.wait('three', 1000)).rejects.toMatchObject({ code: 'not-found' });
});

test('no more than a thousand are remembered', async () => {
  const ids = Array.from({ length: 1001 }, (_, i) => String(i).padStart(16, '0'));
  for (const id of ids) {
    registry.update(exited(id, id));
    registry.remove(id);
  }
  await expect(endings.wait(ids[0] ?? '', 0)).rejects.toMatchObject({ code: 'not-found' });
  expect(await endings.wait(ids[1] ?? '', 0)).toMatchObject({ state: EXITED });
});
