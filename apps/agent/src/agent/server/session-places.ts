import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import type { Server, Socket } from 'socket.io';

/** Live connections, one for each open page. */
const MOST_OF_A_SESSION = 64;
const WHAT = 'the place of a live connection';

/**
 * Counts the live connections of each session, from the handshake on, whether their client joins or not: a session with any number of
 * them would take the agent's memory and descriptors.
 */
export class SessionPlaces {
  readonly #counts = new Map<string, number>();
  /** Of handshakes under way. */
  readonly #releases = new WeakMap<IncomingMessage, () => void>();

  /** From now on, a connection of this server keeps the place of its handshake until it closes. */
  attach(io: Server): void {
    const opened = (connection: Socket['conn']): void => {
      const release = this.#releases.get(connection.request);
      this.#releases.delete(connection.request);
      if (release !== undefined) connection.once('close', guarded(WHAT, release));
    };
    io.engine.on('connection', guarded(WHAT, opened));
  }

  /**
   * Takes a place for a handshake; other requests belong to a connection that has one. `answer`, a response or a socket, frees the place
   * where it closes and there is no connection. Throws `too-many` where the session has no place left.
   */
  take(session: string, request: IncomingMessage, answer: Writable): void {
    if (!isHandshake(request)) return;
    const count = this.#counts.get(session) ?? 0;
    if (count >= MOST_OF_A_SESSION) {
      throw new PlimsollError('too-many', `your session has ${MOST_OF_A_SESSION} live connections already`, {
        hint: 'Close pages that you do not need.',
      });
    }
    this.#counts.set(session, count + 1);
    this.#releases.set(request, () => this.#release(session));
    const closed = (): void => {
      const release = this.#releases.get(request);
      this.#releases.delete(request);
      release?.();
    };
    answer.once('close', guarded(WHAT, closed));
  }

  #release(session: string): void {
    const count = (this.#counts.get(session) ?? 0) - 1;
    if (count > 0) this.#counts.set(session, count);
    else this.#counts.delete(session);
  }
}

/** As engine.io decides it: by the last `sid`, which is missing or empty. */
function isHandshake({ url = '' }: IncomingMessage): boolean {
  return !URL.parse(url, 'http://agent')?.searchParams.getAll('sid').at(-1);
}
