import type { Sessions } from '../access/sessions.ts';
import { hashToken } from '../access/token.ts';
import type { EventLog } from './event-log.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { sessionName } from './who.ts';

/** Refused sign-ins that are written each for itself, in a minute. Whoever can reach the page can cause any number of them. */
const REFUSED_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

type From = NewEvent['from'];

/** Who signs in and out, and who is refused. Of a token the hash of its hash is kept, and of that a part. */
export class SessionRecorder {
  readonly #events: EventLog;
  readonly #signedOut = new Set<string>();
  #minute = 0;
  #refused = 0;
  /** Since the last that was written. */
  #unwritten = 0;

  constructor(events: EventLog, sessions: Sessions) {
    this.#events = events;
    sessions.on('ended', (key) => {
      if (!this.#signedOut.delete(key)) this.#record('session.expired', key, null);
    });
  }

  /** `session`: the new session's token. */
  signedIn(session: string, from: From): void {
    this.#record('session.signed-in', hashToken(session), from);
  }

  /** Before the session is ended. */
  signingOut(key: string, from: From): void {
    this.#signedOut.add(key);
    this.#record('session.signed-out', key, from);
  }

  refused(error: NonNullable<NewEvent['error']>, from: From): void {
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute !== this.#minute) [this.#minute, this.#refused] = [minute, 0];
    this.#refused += 1;
    if (this.#refused > REFUSED_PER_MINUTE) {
      this.#unwritten += 1;
      return;
    }
    const { code, message } = error;
    const detail = this.#unwritten === 0 ? {} : { more: this.#unwritten };
    this.#unwritten = 0;
    this.#events.record([newEvent({ kind: 'session.refused', subject: 'session', from, detail, error: { code, message } })]);
  }

  #record(kind: NewEvent['kind'], key: string, from: From): void {
    const name = sessionName(key);
    const who = kind === 'session.expired' ? null : `session ${name}`;
    this.#events.record([newEvent({ kind, subject: 'session', id: name, name, who, from })]);
  }
}
