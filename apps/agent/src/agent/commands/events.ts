import type { EventLog } from '../events/event-log.ts';
import type { Handlers } from './dispatcher.ts';

export function eventHandlers(events: EventLog): Pick<Handlers, 'event.list'> {
  return { 'event.list': (query) => events.list(query) };
}
