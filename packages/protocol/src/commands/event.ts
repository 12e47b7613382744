import { EventPage, EventQuery } from '../events.ts';
import type { Commands } from './command.ts';

export const EVENT_COMMANDS = {
  'event.list': { args: EventQuery, result: EventPage, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
} as const satisfies Commands;
