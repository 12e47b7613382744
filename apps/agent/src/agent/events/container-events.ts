import { errorInWords, type ContainerView, type FreezeReason, type Limits } from '@plimsoll/protocol';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { isSame } from './same.ts';

/** What the log was last told of a container. */
export interface KnownContainer {
  name: string;
  group: string;
  limits: Limits;
  /** The last incarnation that was told of as started or failed, and the last as ended. */
  incarnation: number;
  ended: number;
  /** Of that incarnation; null: it did not come to exec. */
  startedAt: string | null;
  failedAt: string | null;
  reasons: FreezeReason[] | null;
}

/**
 * What happened to a container between what the log knows and what there is now, with the record's own times: the same whether
 * it is seen as it happens or by an agent that was away. A start of which nothing is left but the number is told of as ended.
 */
export function containerEvents(
  before: KnownContainer | undefined,
  view: ContainerView,
): { events: NewEvent[]; known: KnownContainer } {
  const { id, name, group, image, limits, incarnation, state } = view;
  const about = { subject: 'container', id, name, group } as const;
  const events: NewEvent[] = [];
  const known: KnownContainer = before === undefined ? fresh(view) : { ...before, name, group, limits };
  if (before === undefined) {
    const once = `${id} created`;
    events.push(newEvent({ ...about, kind: 'container.created', at: Date.parse(view.createdAt), detail: { image }, once }));
  } else {
    if (before.name !== name) {
      events.push(newEvent({ ...about, kind: 'container.renamed', detail: { before: before.name, after: name } }));
    }
    if (!isSame(before.limits, limits)) {
      const detail = { before: json(before.limits), after: json(limits) };
      events.push(newEvent({ ...about, kind: 'container.limits', detail }));
    }
  }
  if (incarnation > known.incarnation && known.incarnation > known.ended) {
    events.push(unobservedEnd(id, known));
    known.ended = known.incarnation;
  }
  if (state.status === 'failed') {
    if (known.failedAt !== state.failedAt) {
      const { code } = state.error;
      const message = errorInWords(state.error);
      const once = `${id} ${incarnation} failed ${state.failedAt}`;
      const at = Date.parse(state.failedAt);
      events.push(newEvent({ ...about, kind: 'container.failed', at, detail: { incarnation }, error: { code, message }, once }));
      Object.assign(known, { failedAt: state.failedAt, incarnation, ended: incarnation, startedAt: null });
    }
    return { events, known: { ...known, reasons: null } };
  }
  if (!('startedAt' in state)) return { events, known };

  // A number whose start failed before the journal had it is given once more.
  const isAgain = incarnation === known.incarnation && known.startedAt === null && state.status !== 'exited';
  if (incarnation > known.incarnation || isAgain) {
    const at = Date.parse(state.startedAt);
    events.push(
      newEvent({ ...about, kind: 'container.started', at, detail: { incarnation }, once: `${id} ${incarnation} started` }),
    );
    Object.assign(known, {
      incarnation,
      startedAt: state.startedAt,
      ended: Math.min(known.ended, incarnation - 1),
      reasons: null,
    });
  }
  const reasons = state.status === 'frozen' ? state.reasons : null;
  if (state.status === 'frozen' && !isSame(known.reasons, reasons)) {
    const at = known.reasons === null ? Date.parse(state.frozenAt) : Date.now();
    events.push(newEvent({ ...about, kind: 'container.frozen', at, detail: { reasons: json(state.reasons) } }));
  }
  if (known.reasons !== null && (state.status === 'running' || state.status === 'stopping')) {
    events.push(newEvent({ ...about, kind: 'container.thawed', detail: { reasons: json(known.reasons) } }));
  }
  if (state.status === 'exited' && incarnation > known.ended) {
    events.push(observedEnd(about, incarnation, state));
    known.ended = incarnation;
  }
  return { events, known: { ...known, reasons } };
}

/** Of a container that is no more. `ends`: records that are there still of how containers ended. */
export function containerGone(id: string, known: KnownContainer, ends: readonly ExitRecord[] = []): NewEvent[] {
  const { name, group } = known;
  const removed = newEvent({ kind: 'container.removed', subject: 'container', id, name, group, once: `${id} removed` });
  if (known.incarnation <= known.ended) return [removed];
  const end = ends.find((record) => record.id === id && record.incarnation === known.incarnation);
  const exited = end === undefined ? unobservedEnd(id, known) : observedEnd({ id, name, group }, known.incarnation, end);
  return [exited, removed];
}

type End = Pick<ExitRecord, 'startedAt' | 'exitedAt' | 'exitCode' | 'signal' | 'oomKilled'>;

function observedEnd(about: Pick<NewEvent, 'id' | 'name' | 'group'>, incarnation: number, end: End): NewEvent {
  const { startedAt, exitedAt, exitCode, signal, oomKilled } = end;
  const at = Date.parse(exitedAt);
  const detail = { incarnation, exitCode, signal, oomKilled, ranMs: at - Date.parse(startedAt) };
  const once = `${about.id} ${incarnation} exited`;
  return newEvent({ kind: 'container.exited', subject: 'container', ...about, at, detail, once });
}

/** It ended while no agent was there, and no record of it is left: when and how, nobody tells. */
function unobservedEnd(id: string, { name, group, incarnation }: KnownContainer): NewEvent {
  return newEvent({
    kind: 'container.exited',
    subject: 'container',
    id,
    name,
    group,
    detail: { incarnation, exitCode: null, signal: null, oomKilled: null, unobserved: true },
    once: `${id} ${incarnation} exited`,
  });
}

function fresh({ name, group, limits }: ContainerView): KnownContainer {
  return { name, group, limits, incarnation: 0, ended: 0, startedAt: null, failedAt: null, reasons: null };
}

type Json = NewEvent['detail'][string];

/** What a schema of the protocol has read, or a command's arguments: JSON by its making. */
export function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
