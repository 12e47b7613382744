import { guarded, GuardedEmitter } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import { z } from 'zod';
import { diskFailure } from '../../disk-failure.ts';
import { writeDurably } from '../../durable-file.ts';
import { readStored, storedText } from '../../stores/stored-json.ts';
import { failure, log } from '../log.ts';
import { hashToken, newToken } from './token.ts';

const INVITE_MS = 10 * 60_000;
const IDLE_MS = 12 * 3_600_000;
const LIFE_MS = 7 * 24 * 3_600_000;
/** How exactly the last use is kept on disk, and how often what has run out is cleared away. */
const SWEEP_MS = 60_000;

const Stored = z.object({
  version: z.literal(1),
  /** Hashes of one-time tokens, with the time at which each runs out (ms since 1970). */
  invites: z.record(z.string(), z.number()),
  sessions: z.record(z.string(), z.object({ createdAt: z.number(), usedAt: z.number() })),
});
type Stored = z.infer<typeof Stored>;

/** Sign-in: one-time tokens become sessions. Hashes alone are kept, on disk too, so that a session outlives its agent. */
export class Sessions extends GuardedEmitter<{ ended: [key: string] }> implements AsyncDisposable {
  readonly #path: string;
  readonly #invites: Map<string, number>;
  readonly #sessions: Map<string, { createdAt: number; usedAt: number }>;
  #writing: Promise<void> = Promise.resolve();
  #usedSinceWrite = false;
  readonly #sweep: NodeJS.Timeout;

  private constructor(path: string, stored: Stored) {
    super();
    this.#path = path;
    this.#invites = new Map(Object.entries(stored.invites));
    this.#sessions = new Map(Object.entries(stored.sessions));
    this.#sweep = setInterval(
      guarded('the removal of old sessions', () => this.#clearAway()),
      SWEEP_MS,
    ).unref();
  }

  /** A file that cannot be understood costs everyone a new sign-in, and nothing else. */
  static open(path: string): Promise<Sessions> {
    const stored = readStored(path, Stored);
    if (stored.found === 'damaged') log('warn', 'sessions are lost: everyone must sign in again', { path, kept: stored.kept });
    return Promise.resolve(
      new Sessions(path, stored.found === 'whole' ? stored.value : { version: 1, invites: {}, sessions: {} }),
    );
  }

  async invite(): Promise<{ token: string; expiresAt: string }> {
    const token = newToken();
    const expiresAt = Date.now() + INVITE_MS;
    this.#invites.set(hashToken(token), expiresAt);
    await this.#writeIfTaken();
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }

  /** Throws `unauthorized` for a token that was never given out, has been used, or has run out. */
  async redeem(token: string): Promise<{ session: string; expiresAt: string }> {
    const invite = hashToken(token);
    const expiresAt = this.#invites.get(invite);
    this.#invites.delete(invite);
    if (expiresAt === undefined || expiresAt <= Date.now()) {
      throw new PlimsollError('unauthorized', 'this sign-in link has been used, or is older than 10 minutes');
    }
    const session = newToken();
    const now = Date.now();
    this.#sessions.set(hashToken(session), { createdAt: now, usedAt: now });
    // On disk before the answer: a crash must not make the invitation valid again. On a full disk the sign-in succeeds all the same.
    await this.#writeIfTaken();
    return { session, expiresAt: new Date(now + LIFE_MS).toISOString() };
  }

  /** The key that a living session is known by, and marks it as used. Null: no such session, or no more. */
  use(session: string): string | null {
    const key = hashToken(session);
    return this.touch(key) ? key : null;
  }

  /** Whether the session of this key still lives; being asked for counts as use. */
  touch(key: string): boolean {
    const found = this.#sessions.get(key);
    if (found === undefined || hasRunOut(found)) return false;
    found.usedAt = Date.now();
    this.#usedSinceWrite = true;
    return true;
  }

  async end(key: string): Promise<void> {
    if (!this.#sessions.delete(key)) return;
    this.emit('ended', key);
    await this.#writeIfTaken();
  }

  /** Who signs in while the disk is full can free space: the file follows. */
  async #writeIfTaken(): Promise<void> {
    try {
      await this.#write();
    } catch (error) {
      if (diskFailure(error) === null) throw error;
      log('warn', 'sessions are kept in memory until the disk takes them', failure(error));
      this.#usedSinceWrite = true;
    }
  }

  #clearAway(): void {
    const invites = [...this.#invites].filter(([, expiresAt]) => expiresAt <= Date.now());
    const sessions = [...this.#sessions].filter(([, session]) => hasRunOut(session));
    for (const [key] of invites) this.#invites.delete(key);
    for (const [key] of sessions) {
      this.#sessions.delete(key);
      this.emit('ended', key);
    }
    if (invites.length + sessions.length === 0 && !this.#usedSinceWrite) return;
    this.#write().catch((error: unknown) => {
      this.#usedSinceWrite = true;
      log('error', 'sessions cannot be written', { path: this.#path, ...failure(error) });
    });
  }

  /** One write after another: they share their temporary file, and the last must win. */
  #write(): Promise<void> {
    const write = async (): Promise<void> => {
      this.#usedSinceWrite = false;
      const stored: Stored = {
        version: 1,
        invites: Object.fromEntries(this.#invites),
        sessions: Object.fromEntries(this.#sessions),
      };
      await writeDurably(this.#path, storedText(stored));
    };
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => {});
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    if (this.#usedSinceWrite) await this.#writeIfTaken();
    await this.#writing;
  }
}

function hasRunOut({ createdAt, usedAt }: { createdAt: number; usedAt: number }): boolean {
  return Date.now() >= Math.min(createdAt + LIFE_MS, usedAt + IDLE_MS);
}
