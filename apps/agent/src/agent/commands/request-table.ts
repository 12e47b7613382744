import { createHash } from 'node:crypto';
import { PlimsollError, REQUEST_KEPT_MS, type Answer, type Verb } from '@plimsoll/protocol';
import type { RequestKey } from '../../supervisor/protocol.ts';
import type { Caller } from '../access/gatekeeper.ts';

const MOST_KEPT = 1000;

interface Known {
  digest: string;
  answer: Promise<Answer>;
  /** Monotonic, ms; Infinity while it is under way. */
  answeredAtMs: number;
}

/** A request id and a digest of the command: of another caller, or with other arguments, the same id is another command. */
export function requestKey(id: string, verb: Verb, args: unknown, caller: Caller): RequestKey {
  const sender = caller.who === 'user' ? caller.session : caller.who;
  const digest = createHash('sha256')
    .update(JSON.stringify([sender, verb, args]))
    .digest('hex')
    .slice(0, 32);
  return { id, digest };
}

/**
 * Commands of this agent by request id: one that comes again while it is under way, or within ten minutes of an answer that is kept,
 * is not executed again. Across a restart of the agent the supervisor's own table does that (supervisor/requests.ts).
 */
export class RequestTable {
  readonly #known = new Map<string, Known>();

  /** `execute` never rejects. `isKept`: whether an answer is kept; of any other the supervisor knows it. */
  async once({ id, digest }: RequestKey, isKept: boolean, execute: () => Promise<Answer>): Promise<Answer> {
    this.#forgetOld();
    const before = this.#known.get(id);
    if (before !== undefined) {
      if (before.digest === digest) return await before.answer;
      throw new PlimsollError('conflict', `request ${id} was another command`, {
        hint: 'Use a new request id for each command.',
      });
    }
    const known: Known = { digest, answer: execute(), answeredAtMs: Infinity };
    this.#known.set(id, known);
    const answer = await known.answer;
    known.answeredAtMs = performance.now();
    // What was not executed is executed when it comes again.
    const isExecuted = answer.ok || answer.error.code !== 'unavailable';
    if (!isKept || !isExecuted) this.#known.delete(id);
    return answer;
  }

  #forgetOld(): void {
    const oldestMs = performance.now() - REQUEST_KEPT_MS;
    for (const [id, { answeredAtMs }] of this.#known) {
      if (answeredAtMs === Infinity) continue;
      if (answeredAtMs > oldestMs && this.#known.size <= MOST_KEPT) return;
      this.#known.delete(id);
    }
  }
}
