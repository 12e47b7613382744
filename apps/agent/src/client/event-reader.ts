import { matchesEvent, MOST_EVENTS, type EventFilter, type LoggedEvent } from '@plimsoll/protocol';
import type { AgentClient } from './agent-client.ts';

/** The newest that are logged, and then all that come, oldest first: each once, also across agents. Without an end. */
export async function* followEvents(client: AgentClient, filter: EventFilter, most: number): AsyncGenerator<LoggedEvent[]> {
  const come: LoggedEvent[] = [];
  let isBehind = true;
  let wake = Promise.withResolvers<void>();
  const came = (event: LoggedEvent): void => {
    come.push(event);
    wake.resolve();
  };
  const began = (): void => {
    isBehind = true;
    wake.resolve();
  };
  client.on('event', came).on('following', began);
  try {
    await client.followEvents();
    // The highest that was given, or looked at and left out.
    let last = 0;
    for (let first = true; ; first = false) {
      if (isBehind) {
        isBehind = false;
        const missed = await newestEvents(client, filter, { after: last, most: first ? most : Infinity }).catch(
          (error: unknown) => {
            // The agent went away again: its return is another beginning.
            if (client.connected) throw error;
            return null;
          },
        );
        if (missed !== null) {
          if (missed.events.length > 0) yield missed.events;
          last = Math.max(last, missed.last);
        }
      }
      const events = come.splice(0).filter(({ seq }) => seq > last);
      const matching = events.filter((event) => matchesEvent(filter, event));
      last = Math.max(last, ...events.map(({ seq }) => seq));
      if (matching.length > 0) yield matching;
      if (come.length > 0 || isBehind) continue;
      await wake.promise;
      wake = Promise.withResolvers();
    }
  } finally {
    client.off('event', came).off('following', began);
    client.unfollowEvents();
  }
}

/** So many of the newest of those behind `after`, oldest first; `last` is the newest that the log had when it was asked. */
export async function newestEvents(
  client: Pick<AgentClient, 'command'>,
  filter: EventFilter,
  { after = 0, most }: { after?: number; most: number },
): Promise<{ events: LoggedEvent[]; last: number }> {
  const events: LoggedEvent[] = [];
  let last: number | undefined;
  for (;;) {
    const before = events.at(-1)?.seq;
    // Also where none is wanted: `last` is.
    const limit = Math.max(1, Math.min(most - events.length, MOST_EVENTS));
    const asked = { ...filter, after, limit, ...(before !== undefined && { before }) };
    const page = await client.command('event.list', asked);
    last ??= page.last;
    events.push(...page.events);
    if (page.events.length < limit || events.length >= most) break;
  }
  return { events: events.slice(0, most).toReversed(), last };
}
