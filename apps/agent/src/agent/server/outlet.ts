import { setTimeout as delay } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import type { Socket } from 'socket.io';

const LOOK_AGAIN_MS = 5;

type Connection = Socket['conn'];

/** A client that lets this much wait is not reading: it is let go, and finds the present state when it comes back. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * How a connection takes what it is sent. engine.io hands one batch to the transport and holds everything after it in a
 * write buffer until the transport is free; `packetCreate` adds to that buffer and `drain` empties it.
 */
export class Outlet {
  readonly #connection: Connection;
  #waitingBytes = 0;
  #isFree = true;
  #newest: (() => void) | null = null;
  #whenFree: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    const what = 'a connection';
    const created = ({ data }: { data?: string | Uint8Array }): void => {
      this.#isFree = false;
      this.#waitingBytes += data?.length ?? 0;
      if (this.#waitingBytes > MOST_WAITING_BYTES) connection.close(true);
    };
    const drained = (): void => {
      this.#isFree = true;
      this.#waitingBytes = 0;
      // Not at once: between a packet and its binary attachment nothing else may be sent.
      if (this.#newest !== null || this.#whenFree.length > 0) queueMicrotask(guarded(what, () => this.#flush()));
    };
    const closed = (): void => {
      this.#newest = null;
      this.#flush();
    };
    connection.on('packetCreate', guarded(what, created));
    connection.on('drain', guarded(what, drained));
    connection.on('close', guarded(what, closed));
  }

  /** Sends now, or when the client has taken what waits, unless something newer comes first. */
  newest(send: () => void): void {
    if (this.#isFree) send();
    else this.#newest = send;
  }

  dropNewest(): void {
    this.#newest = null;
  }

  /** Resolves once nothing waits any more, also because the connection has closed. */
  async free(): Promise<void> {
    if (this.#isFree || this.#connection.readyState !== 'open') return;
    await new Promise<void>((resolve) => this.#whenFree.push(resolve));
  }

  /** Resolves once the kernel has all that was sent, also because the connection has closed. */
  async taken(): Promise<void> {
    const { transport } = this.#connection;
    await this.free();
    // Of what the transport was given it may still hold some.
    while (this.#connection.readyState === 'open' && !(transport.writable && this.#isFree)) await delay(LOOK_AGAIN_MS);
  }

  #flush(): void {
    const send = this.#newest;
    this.#newest = null;
    const waiting = this.#whenFree;
    this.#whenFree = [];
    send?.();
    for (const resolve of waiting) resolve();
  }
}
