import { VERSION } from '../../version.ts';
import type { EventLog } from './event-log.ts';
import { newEvent } from './new-event.ts';

interface KnownAgent {
  isThere: boolean;
}

/** That this agent is there, whether the one before it said good-bye, and, when it is disposed of, that it ends. */
export function recordAgent(events: EventLog): Disposable {
  const known = events.known('agent') as KnownAgent | undefined;
  const before = known === undefined ? 'none' : known.isThere ? 'killed' : 'ended';
  const tell = (kind: 'agent.started' | 'agent.ended', detail: Record<string, string | number>): void => {
    events.record([newEvent({ kind, subject: 'agent', detail })], ['agent', { isThere: kind === 'agent.started' }]);
  };
  tell('agent.started', { pid: process.pid, version: VERSION, before });
  return { [Symbol.dispose]: () => tell('agent.ended', { pid: process.pid }) };
}

/** The log knows whose it is: the id can be restored from it. */
export function recordHost(events: EventLog, id: string): void {
  const known = events.known('host') as { id?: unknown } | undefined;
  if (known?.id !== id) events.record([], ['host', { id }]);
}
