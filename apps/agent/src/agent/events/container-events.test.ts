import type { ContainerState } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { containerRecord, RUNNING } from '../container-record.fixture.ts';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import { toView } from '../registry.ts';
import { containerEvents, containerGone, type KnownContainer } from './container-events.ts';

const ID = 'aaaa000000000000';
const EXITED = {
  status: 'exited',
  startedAt: RUNNING.startedAt,
  exitedAt: '2026-01-01T00:00:09.000Z',
  exitCode: 137,
  signal: 'SIGKILL',
  oomKilled: true,
} as const;

/** One that is looked at again and again. */
class Watched {
  known: KnownContainer | undefined;

  see(state: ContainerState, incarnation: number, limits = {}): string[] {
    return this.events(state, incarnation, limits).map(({ kind }) => kind);
  }

  events(state: ContainerState, incarnation: number, limits = {}) {
    const { events, known } = containerEvents(this.known, toView(containerRecord(ID, 'web', { state, incarnation, limits }), 1));
    // As the log gives it back.
    this.known = JSON.parse(JSON.stringify(known)) as KnownContainer;
    return events;
  }
}

test('a life as it happens', () => {
  const web = new Watched();
  expect(web.see({ status: 'created' }, 0)).toEqual(['container.created']);
  expect(web.see({ status: 'starting', frozenBy: null }, 1)).toEqual([]);
  expect(web.see(RUNNING, 1)).toEqual(['container.started']);
  expect(web.see(RUNNING, 1)).toEqual([]);
  const frozenAt = '2026-01-01T00:00:05.000Z';
  const frozen = { ...RUNNING, status: 'frozen', frozenAt } as const;
  const byUser = { ...frozen, reasons: [{ by: 'user' as const }] };
  expect(web.events(byUser, 1)).toMatchObject([
    { kind: 'container.frozen', at: Date.parse(frozenAt), detail: { reasons: [{ by: 'user' }] } },
  ]);
  expect(web.see(byUser, 1)).toEqual([]);
  expect(web.see({ ...frozen, reasons: [{ by: 'user' }, { by: 'group', group: 'acme' }] }, 1)).toEqual(['container.frozen']);
  expect(web.events(RUNNING, 1)).toMatchObject([
    { kind: 'container.thawed', detail: { reasons: [{ by: 'user' }, { by: 'group', group: 'acme' }] } },
  ]);
  expect(web.events(RUNNING, 1, { pids: 64 })).toMatchObject([
    { kind: 'container.limits', detail: { before: {}, after: { pids: 64 } } },
  ]);
  expect(web.events(EXITED, 1, { pids: 64 })).toMatchObject([
    {
      kind: 'container.exited',
      at: Date.parse(EXITED.exitedAt),
      detail: { incarnation: 1, exitCode: 137, signal: 'SIGKILL', oomKilled: true, ranMs: 8000 },
      once: `${ID} 1 exited`,
    },
  ]);
  expect(web.see(EXITED, 1, { pids: 64 })).toEqual([]);
  expect(web.see(RUNNING, 2, { pids: 64 })).toEqual(['container.started']);
  expect(containerGone(ID, web.known!).map(({ kind }) => kind)).toEqual(['container.exited', 'container.removed']);
});

test('a rename is logged with both names, and later events have the new one', () => {
  const web = new Watched();
  web.see(RUNNING, 1);
  const { events, known } = containerEvents(
    web.known,
    toView(containerRecord(ID, 'shop', { state: RUNNING, incarnation: 1 }), 1),
  );
  expect(events).toMatchObject([{ kind: 'container.renamed', id: ID, name: 'shop', detail: { before: 'web', after: 'shop' } }]);
  expect(containerGone(ID, known)).toMatchObject([{ name: 'shop' }, { kind: 'container.removed', name: 'shop' }]);
});

test('a life that nobody saw is told of with the times of its record', () => {
  expect(new Watched().events(EXITED, 1)).toMatchObject([
    { kind: 'container.created', at: Date.parse('2026-01-01T00:00:00.000Z') },
    { kind: 'container.started', at: Date.parse(RUNNING.startedAt) },
    { kind: 'container.exited', at: Date.parse(EXITED.exitedAt) },
  ]);
});

test('an incarnation that ended unseen behind another is told of once, without what nobody knows', () => {
  const web = new Watched();
  web.see(RUNNING, 1);
  const events = web.events(EXITED, 3);
  expect(events).toMatchObject([
    { kind: 'container.exited', detail: { incarnation: 1, exitCode: null, unobserved: true }, once: `${ID} 1 exited` },
    { kind: 'container.started', detail: { incarnation: 3 } },
    { kind: 'container.exited', detail: { incarnation: 3, exitCode: 137 } },
  ]);
  expect(containerGone(ID, web.known!)).toMatchObject([{ kind: 'container.removed' }]);
});

test('incarnations that nobody saw have their exit codes from the supervisor’s records', () => {
  const web = new Watched();
  web.see(RUNNING, 1);
  const end = (incarnation: number, exitCode: number) =>
    ({ id: ID, incarnation, ...EXITED, exitCode, signal: null, oomKilled: false }) as unknown as ExitRecord;
  const { events, known } = containerEvents(
    web.known,
    toView(containerRecord(ID, 'web', { state: RUNNING, incarnation: 4 }), 1),
    [end(2, 6), end(1, 5), { ...end(3, 9), id: 'bbbb000000000000' }],
  );
  expect(events).toMatchObject([
    { kind: 'container.exited', detail: { incarnation: 1, exitCode: 5 }, once: `${ID} 1 exited` },
    { kind: 'container.started', detail: { incarnation: 2 }, at: Date.parse(EXITED.startedAt) },
    { kind: 'container.exited', detail: { incarnation: 2, exitCode: 6 } },
    { kind: 'container.started', detail: { incarnation: 4 } },
  ]);
  expect(containerGone(ID, known, [end(4, 7), end(5, 8)])).toMatchObject([
    { kind: 'container.exited', detail: { incarnation: 4, exitCode: 7 } },
    { kind: 'container.started', detail: { incarnation: 5 } },
    { kind: 'container.exited', detail: { incarnation: 5, exitCode: 8 } },
    { kind: 'container.removed' },
  ]);
});

test('a start that failed is told of once, whatever number the next one has', () => {
  const web = new Watched();
  const error = { code: 'start-failed', message: 'no', hint: '' } as const;
  const failed = { status: 'failed', failedAt: '2026-01-01T00:00:02.000Z', error } as const;
  expect(web.see(failed, 1)).toEqual(['container.created', 'container.failed']);
  expect(web.see(failed, 1)).toEqual([]);
  // The supervisor was restarted: all that is left is that a start was begun, or not even that.
  expect(web.see({ ...EXITED, exitedAt: EXITED.startedAt, exitCode: null }, 1)).toEqual([]);
  expect(web.see({ status: 'created' }, 0)).toEqual([]);
  expect(web.see(RUNNING, 1)).toEqual(['container.started']);
  expect(web.see(EXITED, 1)).toEqual(['container.exited']);
  expect(web.see({ ...failed, failedAt: '2026-01-01T00:00:20.000Z' }, 1)).toEqual(['container.failed']);
});
