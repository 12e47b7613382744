import type { EventSubject, LoggedEvent } from '@plimsoll/protocol';
import type { NewEvent } from './new-event.ts';

/** A row of the table `events`. */
export interface EventRow {
  seq: number;
  at: number;
  kind: string;
  subject: string;
  subject_id: string | null;
  subject_name: string | null;
  group_path: string | null;
  who: string | null;
  from_over: string | null;
  from_address: string | null;
  detail: string;
  error_code: string | null;
  error_message: string | null;
  once: string | null;
  host: string | null;
}

/** In the order of COLUMNS. */
export function rowOf(seq: number, event: NewEvent, host: string): (string | number | null)[] {
  const { at, kind, subject, id, name, group, who, from, detail, error, once } = event;
  return [
    seq,
    Math.round(at),
    kind,
    subject,
    id,
    name,
    group,
    who,
    from?.over ?? null,
    from?.address ?? null,
    JSON.stringify(detail),
    error?.code ?? null,
    error?.message ?? null,
    once,
    host,
  ];
}

export const COLUMNS = [
  'seq',
  'at',
  'kind',
  'subject',
  'subject_id',
  'subject_name',
  'group_path',
  'who',
  'from_over',
  'from_address',
  'detail',
  'error_code',
  'error_message',
  'once',
  'host',
] as const satisfies readonly (keyof EventRow)[];

/** `host`: this one, of which events are that have none. */
export function eventOf(row: EventRow, host: string): LoggedEvent {
  const from = row.from_over === null ? null : { over: row.from_over as 'socket' | 'web', address: row.from_address };
  const error =
    row.error_code === null
      ? null
      : { code: row.error_code as NonNullable<LoggedEvent['error']>['code'], message: row.error_message ?? '' };
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    subject: row.subject as EventSubject,
    id: row.subject_id,
    name: row.subject_name,
    group: row.group_path,
    who: row.who,
    from,
    detail: detailOf(row.detail),
    error,
    host: row.host ?? host,
  };
}

/** SQLite does not notice a flipped bit in a text: one such event must not keep all others from being read. */
function detailOf(text: string): LoggedEvent['detail'] {
  try {
    return JSON.parse(text) as LoggedEvent['detail'];
  } catch {
    return { damaged: text };
  }
}
