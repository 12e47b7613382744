import { eventInWords, type LoggedEvent } from '@plimsoll/protocol';

const HEAD = ['seq', 'at', 'kind', 'subject', 'id', 'name', 'group', 'who', 'over', 'address', 'result', 'what', 'detail'];

/** RFC 4180, with a line of names. */
export function eventsAsCsv(events: readonly LoggedEvent[]): string {
  const rows = events.map((event) => {
    const { seq, at, kind, subject, id, name, group, who, from, detail, error } = event;
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
    ];
    return [String(seq), new Date(at).toISOString(), ...words.map((word) => cell(word ?? ''))];
  });
  return [HEAD, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

export function eventsAsJson(events: readonly LoggedEvent[]): string {
  return `${JSON.stringify(
    events.map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event })),
    null,
    2,
  )}\n`;
}

/**
 * A text that no spreadsheet takes for a formula: it would be carried out by whoever opens the file, and what stands in an event
 * may have been typed by anybody (CWE-1236).
 */
function cell(text: string): string {
  const harmless = /^[\s]*[=+\-@]|^[\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
