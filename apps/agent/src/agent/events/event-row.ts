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
}

/** In the order of COLUMNS. */
export function rowOf(seq: number, event: NewEvent): (string | number | null)[] {
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
] as const satisfies readonly (keyof EventRow)[];

export function eventOf(row: EventRow): LoggedEvent {
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
    detail: JSON.parse(row.detail) as LoggedEvent['detail'],
    error,
  };
}
