import { errorInWords, type ContainerView, type FreezeReason, type Limits } from '@plimsoll/protocol';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import type { Missed } from './missed-ends.ts';
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
 * it is seen as it happens or by an agent that was away. `ends`: the supervisor's records of incarnations that nobody saw end.
 */
export function containerEvents(
  before: KnownContainer | undefined,
  view: ContainerView,
  ends: readonly ExitRecord[] = [],
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
  events.push(...missedLives(about, known, incarnation, ends));
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
    events.push(started(about, incarnation, state.startedAt));
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

/** Of a container that is no more. `ends`: as in containerEvents. */
export function containerGone(id: string, known: KnownContainer, ends: readonly ExitRecord[] = []): NewEvent[] {
  const about = { subject: 'container', id, name: known.name, group: known.group } as const;
  const last = Math.max(known.incarnation, ...ends.map(({ incarnation }) => incarnation));
  const lives = missedLives(about, { ...known }, last + 1, ends);
  return [...lives, newEvent({ ...about, kind: 'container.removed', once: `${id} removed` })];
}

/** The first incarnation whose end the log does not have, and the last one before `incarnation`. Null: there is none. */
export function missedBefore({ ended }: Pick<KnownContainer, 'ended'>, incarnation: number): Missed | null {
  return ended + 1 < incarnation ? { from: ended + 1, to: incarnation - 1 } : null;
}

/** What nobody saw of those before `incarnation`: that they were started, and that they ended. Notes in `known` how far the log is. */
function missedLives(about: About, known: KnownContainer, incarnation: number, ends: readonly ExitRecord[]): NewEvent[] {
  const missed = missedBefore(known, incarnation);
  if (missed === null) return [];
  const seen = known.incarnation;
  known.ended = missed.to;
  const lives = ends.filter(({ id, incarnation: of }) => id === about.id && of >= missed.from && of <= missed.to);
  const events = lives
    .toSorted((a, b) => a.incarnation - b.incarnation)
    .flatMap((end) => {
      const exited = observedEnd(about, end.incarnation, end);
      return end.incarnation > seen ? [started(about, end.incarnation, end.startedAt), exited] : [exited];
    });
  const isEndKnown = seen < missed.from || lives.some((end) => end.incarnation === seen);
  return isEndKnown ? events : [unobservedEnd(about, seen), ...events];
}

type About = Pick<NewEvent, 'name' | 'group'> & { subject: 'container'; id: string };

function started(about: About, incarnation: number, startedAt: string): NewEvent {
  const once = `${about.id} ${incarnation} started`;
  return newEvent({ ...about, kind: 'container.started', at: Date.parse(startedAt), detail: { incarnation }, once });
}

type End = Pick<ExitRecord, 'startedAt' | 'exitedAt' | 'exitCode' | 'signal' | 'oomKilled'>;

function observedEnd(about: About, incarnation: number, end: End): NewEvent {
  const { startedAt, exitedAt, exitCode, signal, oomKilled } = end;
  const at = Date.parse(exitedAt);
  const detail = { incarnation, exitCode, signal, oomKilled, ranMs: at - Date.parse(startedAt) };
  const once = `${about.id} ${incarnation} exited`;
  return newEvent({ ...about, kind: 'container.exited', at, detail, once });
}

/** It ended while no agent was there, and no record of it is left: when and how, nobody tells. */
function unobservedEnd(about: About, incarnation: number): NewEvent {
  const detail = { incarnation, exitCode: null, signal: null, oomKilled: null, unobserved: true };
  return newEvent({ ...about, kind: 'container.exited', detail, once: `${about.id} ${incarnation} exited` });
}

function fresh({ name, group, limits }: ContainerView): KnownContainer {
  return { name, group, limits, incarnation: 0, ended: 0, startedAt: null, failedAt: null, reasons: null };
}

type Json = NewEvent['detail'][string];

/** What a schema of the protocol has read, or a command's arguments: JSON by its making. */
export function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
