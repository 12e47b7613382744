import type { EventKind, LoggedEvent } from '@plimsoll/protocol';

/** An event that is not in the log yet. */
export type NewEvent = Omit<LoggedEvent, 'seq' | 'kind' | 'host'> & {
  kind: EventKind;
  /** Of two with the same, the log takes the first. Null: it cannot come twice. */
  once: string | null;
};

type Given = Pick<NewEvent, 'kind' | 'subject'> & Partial<NewEvent>;

/** With nothing where nothing is said, and now where no time is. */
export function newEvent(given: Given): NewEvent {
  const nothing = { id: null, name: null, group: null, who: null, from: null, detail: {}, error: null, once: null };
  return { at: Date.now(), ...nothing, ...given };
}
