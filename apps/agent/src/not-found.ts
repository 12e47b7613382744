import { PlimsollError } from '@plimsoll/protocol';

/** What there is of each, by the command that lists it. */
const LISTS = {
  container: '`plimsoll ps`',
  image: '`plimsoll image ls`',
  group: '`plimsoll group ls`',
  volume: '`plimsoll volume ls`',
  'alert rule': '`plimsoll alert ls`',
} as const;

/** `not-found`, with the command that lists what there is. */
export function notFound(what: keyof typeof LISTS, name: string): PlimsollError {
  return new PlimsollError('not-found', `there is no ${what} "${name}"`, { hint: `${LISTS[what]} lists what there is.` });
}
