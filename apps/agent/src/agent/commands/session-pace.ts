import { PlimsollError } from '@plimsoll/protocol';

/** In a second, on average, and at once. */
interface Pace {
  perSecond: number;
  burst: number;
}

/** Of all its commands, over however many connections. */
const ALL: Pace = { perSecond: 200, burst: 400 };
/** Of those that change something: each leaves an event, and a session must not push out the log's past within hours. */
const CHANGES: Pace = { perSecond: 20, burst: 400 };

interface Allowance {
  all: number;
  changes: number;
  /** When it was counted (ms of performance.now()). */
  atMs: number;
}

/** Limits the rate of each session's commands. An allowance that is whole again is forgotten. */
export class SessionPace {
  readonly #allowances = new Map<string, Allowance>();

  /** Counts one command. Throws `too-many` where it is one too many. */
  count(session: string, changes: boolean): void {
    const now = performance.now();
    const allowance = this.#allowances.get(session);
    const left = allowance === undefined ? { all: ALL.burst, changes: CHANGES.burst, atMs: now } : grown(allowance, now);
    this.#forgetWhole(now);
    this.#allowances.set(session, left);
    if (left.all < 1) throw tooMany('commands', ALL);
    if (changes && left.changes < 1) throw tooMany('commands that change something', CHANGES);
    left.all -= 1;
    if (changes) left.changes -= 1;
  }

  #forgetWhole(now: number): void {
    for (const [session, allowance] of this.#allowances) {
      const { all, changes } = grown(allowance, now);
      if (all === ALL.burst && changes === CHANGES.burst) this.#allowances.delete(session);
    }
  }
}

function grown({ all, changes, atMs }: Allowance, now: number): Allowance {
  const seconds = (now - atMs) / 1000;
  return {
    all: Math.min(ALL.burst, all + seconds * ALL.perSecond),
    changes: Math.min(CHANGES.burst, changes + seconds * CHANGES.perSecond),
    atMs: now,
  };
}

function tooMany(what: string, { perSecond }: Pace): PlimsollError {
  return new PlimsollError('too-many', `more than ${perSecond} ${what} a second by one session`, {
    hint: 'Wait a moment, and send fewer at a time.',
  });
}
