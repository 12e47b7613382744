import { EventFilter, EventSubject } from '@plimsoll/protocol';

const RANGES = ['all', '15m', '1h', '24h', '7d', 'between'] as const;
export type EventRange = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const SPANS_MS: Readonly<Partial<Record<EventRange, number>>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '24h': 1440 * MINUTE_MS,
  '7d': 7 * 1440 * MINUTE_MS,
};

/** Which events the page shows, as it stands in the URL; an empty text stands for all. */
export interface EventView {
  text: string;
  /** A kind, or a family of them. */
  kind: string;
  about: EventSubject | '';
  /** Of what it is about: an id, a name, a group's path. */
  name: string;
  who: string;
  range: EventRange;
  /** Of `between`: as an input of type datetime-local has it, in the reader's time zone. */
  from: string;
  to: string;
}

export function readEventView(params: URLSearchParams): EventView {
  const get = (name: string): string => params.get(name) ?? '';
  return {
    text: get('q'),
    kind: get('kind'),
    about: EventSubject.safeParse(get('about')).data ?? '',
    name: get('name'),
    who: get('who'),
    range: RANGES.find((range) => range === get('range')) ?? 'all',
    from: get('from'),
    to: get('to'),
  };
}

/** Only what differs from all, so that a plain page has a plain URL. */
export function writeEventView({ text, range, from, to, ...rest }: EventView): URLSearchParams {
  const times = range === 'between' ? { from, to } : {};
  const all = { q: text, ...rest, range: range === 'all' ? '' : range, ...times };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ''));
}

/** What the agent is asked for. What is typed may be no valid part of it yet: that part is left out. */
export function eventFilter({ text, kind, about, name, who, range, from, to }: EventView, now: number): EventFilter {
  const span = SPANS_MS[range];
  const wanted: EventFilter = {
    ...(text !== '' && { text }),
    ...(kind !== '' && { kinds: [kind] }),
    ...(who !== '' && { who }),
    // A group stands for all that is in it.
    ...(about === 'group' && name !== '' ? { group: name } : {}),
    ...(about !== 'group' && name !== '' && { subject: name }),
    ...(about !== '' && !(about === 'group' && name !== '') && { subjects: [about] }),
    ...(span !== undefined && { from: now - span }),
    ...(range === 'between' && from !== '' && { from: Date.parse(from) }),
    ...(range === 'between' && to !== '' && { to: Date.parse(to) }),
  };
  const valid = Object.entries(wanted).filter(([field, value]) => EventFilter.safeParse({ [field]: value }).success);
  return Object.fromEntries(valid);
}

export function isFiltered(view: EventView): boolean {
  return writeEventView(view).size > 0;
}
