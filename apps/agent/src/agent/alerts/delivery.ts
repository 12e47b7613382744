import type { Alert } from '@plimsoll/protocol';

/** What a receiver is to be told. */
export interface Delivery {
  /** The same at each attempt, and in each agent's life: the receiver tells by it what it knows already. */
  id: string;
  rule: string;
  /** In ms since 1970, as `nextAt`. */
  madeAt: number;
  /** Those that failed. */
  attempts: number;
  nextAt: number;
  /** JSON, byte for byte as it is sent. */
  body: string;
}

/** Of an alert that fired, or is over. `words`: of what happened, for people. */
export function deliveryOf(
  occasion: 'alert.fired' | 'alert.resolved',
  { acknowledgedAt: _seen, ...alert }: Alert,
  words: string,
): Delivery {
  const id = `${alert.id}-${occasion.slice('alert.'.length)}`;
  const now = Date.now();
  const body = JSON.stringify({ type: occasion, delivery: id, words, alert });
  return { id, rule: alert.rule, madeAt: now, attempts: 0, nextAt: now, body };
}
