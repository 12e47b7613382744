import { eventInWords, PlimsollError, type EventFilter, type LoggedEvent } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { followEvents, newestEvents } from '../../client/event-reader.ts';
import { connectAgent, followAgent } from '../agent-connection.ts';
import type { Output } from '../context.ts';
import { parseInteger, parseTime } from '../options/quantities.ts';
import { rowWriter, table } from '../reports/table.ts';
import { write } from '../reports/terminal.ts';
import { defineVerb, none, UsageError } from '../verb.ts';

const SHOWN = 100;
const COLUMNS = [
  'TIME',
  // WHAT says it as well.
  { title: 'KIND', drop: 2 },
  { title: 'SUBJECT', least: 12 },
  { title: 'WHO', least: 8, drop: 1 },
  { title: 'WHAT', least: 16 },
];
/** Of a row that comes by itself: no later one can widen a column. */
const WIDTHS = [19, 20, 20, 16];

export const events = defineVerb({
  usage: '[options]',
  summary: 'show what happened, and who did what',
  options: {
    follow: { type: 'boolean', short: 'f', default: false },
    kind: { type: 'string', short: 'k', multiple: true, default: [] },
    container: { type: 'string', short: 'c' },
    group: { type: 'string', short: 'g' },
    who: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    text: { type: 'string' },
    tail: { type: 'string', short: 'n' },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    follow: 'go on with what happens, until Ctrl-C',
    kind: 'only container.exited or the like, or a family of them: command, container, incident, group, session …; any number of times',
    container: 'only of one container, by name or id, also of one that is gone',
    group: 'only of a group, and of all that is in it',
    who: 'only what was done by root, by "session 1a2b3c4d", or by any session',
    since: 'from a time on: 90s, 15m, 1h30m, 7d ago, a date as 2026-11-25 or 2026-11-25T13:00, or seconds since 1970',
    until: 'up to a time',
    text: 'only those with this text anywhere in them',
    tail: `only so many, the newest; ${SHOWN} unless --since is given, and then all`,
    json: 'one JSON object a line',
  },
  fields: {
    kinds: ['kind'],
    subject: ['container'],
    group: ['group'],
    who: ['who'],
    from: ['since'],
    to: ['until'],
    text: ['text'],
  },
  examples: ['events -f --group acme', 'events --kind container.exited --since 1h'],
  async run({ follow, json, tail, ...asked }, positionals, context) {
    none(positionals);
    if (follow && asked.until !== undefined) throw new UsageError('--follow goes on until Ctrl-C: leave --until out');
    const most = tail === undefined ? (asked.since === undefined ? SHOWN : Infinity) : parseInteger(tail, '--tail');
    using client = connectAgent(context);
    const filter = await filterOf(client, asked);
    if (!follow) {
      const { events: newest } = await newestEvents(client, filter, { most });
      await (json ? showLines : showTable)(context.stdout, newest);
      return 0;
    }
    using live = await followAgent(context);
    const stopped = Promise.withResolvers<number>();
    using listeners = new DisposableStack();
    listeners.use(context.onSignals(['SIGINT', 'SIGTERM'], () => stopped.resolve(0)));
    const following = async (): Promise<never> => {
      for await (const batch of followEvents(live, filter, most)) await (json ? showLines : showRows)(context.stdout, batch);
      throw new Error('what is followed has no end');
    };
    return await Promise.race([stopped.promise, live.lost, following()]);
  },
});

interface Asked {
  kind: string[];
  container?: string | undefined;
  group?: string | undefined;
  who?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  text?: string | undefined;
}

async function filterOf(client: AgentRequests, { kind, container, group, who, since, until, text }: Asked): Promise<EventFilter> {
  return {
    ...(kind.length > 0 && { kinds: kind }),
    ...(container !== undefined && { subjects: ['container' as const], subject: await wholeId(client, container) }),
    ...(group !== undefined && { group }),
    ...(who !== undefined && { who }),
    ...(since !== undefined && { from: parseTime(since, '--since') }),
    ...(until !== undefined && { to: parseTime(until, '--until') }),
    ...(text !== undefined && { text }),
  };
}

/** Of one that is there by the beginning of its id; any other as it was typed. */
async function wholeId(client: AgentRequests, ref: string): Promise<string> {
  if (!/^[0-9a-f]{4,15}$/.test(ref)) return ref;
  const view = await client.command('container.inspect', { container: ref }).catch((error: unknown) => {
    if (error instanceof PlimsollError && (error.code === 'not-found' || error.code === 'bad-request')) return null;
    throw error;
  });
  return view?.id.startsWith(ref) === true ? view.id : ref;
}

async function showLines(stdout: Output, events: readonly LoggedEvent[]): Promise<void> {
  const lines = events.map(({ at, ...event }) => `${JSON.stringify({ at: new Date(at).toISOString(), ...event })}\n`);
  await write(stdout, lines.join(''));
}

async function showTable(stdout: Output, events: readonly LoggedEvent[]): Promise<void> {
  await write(stdout, `${table(COLUMNS, events.map(cells), stdout.columns)}\n`);
}

async function showRows(stdout: Output, events: readonly LoggedEvent[]): Promise<void> {
  const rowOf = rowWriter(COLUMNS, WIDTHS, stdout.columns);
  await write(stdout, events.map((event) => `${rowOf(cells(event))}\n`).join(''));
}

function cells(event: LoggedEvent): string[] {
  const { at, kind, subject, id, name, who } = event;
  return [localTime(at), kind, name ?? id ?? subject, who ?? '—', eventInWords(event)];
}

/** `2026-11-25 13:00:00`, as the terminal's clock has it. */
function localTime(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 19).replace('T', ' ');
}
