import { createHash } from 'node:crypto';
import { CheckTurns, dropOldest, MOST_WAITING, type Applicant } from './check-turns.ts';

const MOST_KNOWN = 1000;

export type Verdict = 'good' | 'bad' | 'too-many' | 'unknown';

/** The check of one credential, and all that have come with it meanwhile. */
interface Check {
  applicants: Applicant[];
  verdict: Promise<Verdict>;
}

/**
 * Bounds the work that the agent has with credentials which are worth nothing: their checks take turns. A session that was good once
 * needs no check, so that nobody at the same address can keep others out.
 */
export class Admission {
  readonly #known = new Set<string>();
  readonly #checks = new Map<string, Check>();
  readonly #turns = new CheckTurns();

  /** Whether this credential was good before. */
  knows(credential: string): boolean {
    return this.#known.has(keyOf(credential));
  }

  /** It is good: an answer of the agent has shown it. */
  learn(credential: string): void {
    const key = keyOf(credential);
    this.#known.delete(key);
    this.#known.add(key);
    dropOldest(this.#known, MOST_KNOWN);
  }

  forget(credential: string): void {
    this.#known.delete(keyOf(credential));
  }

  /** `good` where it was good before; otherwise as `limited`, with one check for all requests that bring the credential meanwhile. */
  async verify(applicant: Applicant, credential: string, check: () => Promise<Verdict>): Promise<Verdict> {
    if (this.knows(credential)) return 'good';
    const key = keyOf(credential);
    const running = this.#checks.get(key);
    if (running !== undefined) {
      if (running.applicants.length >= MOST_WAITING.address) return 'too-many';
      running.applicants.push(applicant);
      return await running.verdict;
    }
    const applicants = [applicant];
    const isGone = (): boolean => applicants.every((one) => one.isGone());
    const verdict = this.limited({ address: applicant.address, isGone }, check);
    this.#checks.set(key, { applicants, verdict });
    try {
      const found = await verdict;
      if (found === 'good') this.learn(credential);
      return found;
    } finally {
      this.#checks.delete(key);
    }
  }

  /** What `check` finds in its turn, or `too-many`. */
  async limited(applicant: Applicant, check: () => Promise<Verdict>): Promise<Verdict> {
    return await this.#turns.run(applicant, check);
  }
}

function keyOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
