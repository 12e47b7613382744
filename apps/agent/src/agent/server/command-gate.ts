import { PlimsollError } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';

const MOST_UNDER_WAY = 64;
const PER_SECOND = 200;
const BURST = 400;

/** What one connection may ask for: so many commands at once, and, unless it is root's, so many a second. */
export class CommandGate {
  readonly #isPaced: boolean;
  #underWay = 0;
  #allowance = BURST;
  #countedAt = performance.now();

  constructor({ who }: Caller) {
    this.#isPaced = who !== 'local';
  }

  /** Runs `command`, or throws `too-many` without having begun. */
  async pass<T>(command: () => Promise<T>): Promise<T> {
    if (this.#underWay >= MOST_UNDER_WAY) {
      throw new PlimsollError('too-many', `${MOST_UNDER_WAY} commands are under way on this connection`, {
        hint: 'Wait for an answer before the next command.',
      });
    }
    if (this.#isPaced) this.#pace();
    this.#underWay += 1;
    try {
      return await command();
    } finally {
      this.#underWay -= 1;
    }
  }

  #pace(): void {
    const now = performance.now();
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#countedAt) / 1000) * PER_SECOND);
    this.#countedAt = now;
    if (this.#allowance < 1) {
      throw new PlimsollError('too-many', `more than ${PER_SECOND} commands a second on this connection`, {
        hint: 'Send fewer at a time.',
      });
    }
    this.#allowance -= 1;
  }
}
