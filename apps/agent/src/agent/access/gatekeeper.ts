import { timingSafeEqual } from 'node:crypto';
import { PlimsollError } from '@plimsoll/protocol';
import type { RequestKey } from '../../supervisor/protocol.ts';
import type { Endpoint } from './endpoint.ts';
import type { Sessions } from './sessions.ts';
import { hashToken } from './token.ts';

/**
 * Who gives a command: root on this host, or a signed-in session. `pid`: the process at the other end of the connection, of
 * a session the web process; null where it cannot be told. `address`: of the browser, as the web process tells it.
 */
export type Caller = ({ who: 'local' } | { who: 'user'; session: string }) & {
  pid?: number | null;
  address?: string | null;
  /** Aborted when its connection is closed. A command that can be cancelled without a trace is. */
  gone?: AbortSignal;
  /** Of the command under way: passed to the supervisor, which executes it once. */
  request?: RequestKey;
};

/** Tells by a token who somebody is. */
export class Gatekeeper {
  readonly #sessions: Sessions;
  readonly #localHash: Buffer;

  constructor(sessions: Sessions, localToken: string) {
    this.#sessions = sessions;
    this.#localHash = Buffer.from(hashToken(localToken));
  }

  /** Throws `unauthorized` for what is neither a living session nor, on root's own socket, the local token. */
  identify(token: unknown, endpoint: Endpoint): Caller {
    if (typeof token === 'string' && token.length <= 256) {
      if (endpoint === 'local' && timingSafeEqual(Buffer.from(hashToken(token)), this.#localHash)) return { who: 'local' };
      const session = this.#sessions.use(token);
      if (session !== null) return { who: 'user', session };
    }
    throw new PlimsollError('unauthorized', token === undefined ? 'you are not signed in' : 'your session has ended');
  }

  /** Throws `unauthorized` once a caller's session has ended: long connections outlive it. */
  check(caller: Caller): void {
    if (caller.who === 'user' && !this.#sessions.touch(caller.session)) {
      throw new PlimsollError('unauthorized', 'your session has ended');
    }
  }
}

/** The token of `Authorization: Bearer …` (RFC 6750). */
export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +([A-Za-z0-9._~+/-]+=*)$/i)?.[1];
}

/**
 * Whether a request may come from where it says: a browser names the page's origin in cross-site requests and in every
 * WebSocket handshake, and that page must be ours, of the host that was asked for.
 */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
