import { eventInWords, toCsv, type LoggedEvent } from '@plimsoll/protocol';

const HEAD = [
  'seq',
  'at',
  'kind',
  'subject',
  'id',
  'name',
  'group',
  'who',
  'over',
  'address',
  'result',
  'what',
  'detail',
  'host',
];

/** With a line of names. */
export function eventsAsCsv(events: readonly LoggedEvent[]): string {
  const rows = events.map((event) => {
    const { seq, at, kind, subject, id, name, group, who, from, detail, error, host } = event;
    const result = error === null ? 'ok' : error.code;
    const words = [
      kind,
      subject,
      id,
      name,
      group,
      who,
      from?.over,
      from?.address,
      result,
      eventInWords(event),
      JSON.stringify(detail),
      host,
    ];
    return [String(seq), new Date(at).toISOString(), ...words.map((word) => word ?? '')];
  });
  return toCsv([HEAD, ...rows]);
}

export function eventsAsJson(events: readonly LoggedEvent[]): string {
  return `${JSON.stringify(
    events.map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event })),
    null,
    2,
  )}\n`;
}
