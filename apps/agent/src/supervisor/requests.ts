import { logFault } from '@plimsoll/core/guarded';
import { PlimsollError, REQUEST_KEPT_MS } from '@plimsoll/protocol';
import type { Journal } from './journal.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { RequestKey, SupervisorVerb } from './protocol.ts';

/** Answers kept whole in memory; of an older one the present record of its subject is the answer. */
const WHOLE_ANSWERS = 500;
/** Requests remembered; past it the oldest is forgotten, though it is younger than ten minutes. */
const MOST_REQUESTS = 100_000;

export type RequestEntry = Extract<JournalEntry, { kind: 'request' }>;

/** A verb that changes something: what it is about, and how its outcome is found again. */
export interface Subject {
  /** Container id, group path or cgroup path. */
  subject: string;
  /** Of the container when the request came, before it was carried out. */
  incarnation?: number;
  /** Incarnations of the containers of a group that is to be killed, by id: those that were alive when the request came. */
  alive?: Record<string, number>;
}

/** How a verb came out, as it answers; `joins`: it is under way, and comes out as that does. */
export type Effect = { answer: unknown } | { error: PlimsollError } | { joins: Promise<unknown> };

/** What became of a request that a killed supervisor left unanswered, by what there is now. */
export interface Effects {
  /** Undefined: the verb took no effect, or not wholly, and is to be executed. `last`: as `present` was when this supervisor began. */
  of(entry: RequestEntry, last: unknown): Effect | undefined;
  /** The answer to a request of long ago. Throws `not-found` where what it is about is gone. */
  present(entry: RequestEntry): unknown;
  /** Takes away what is left of one that took no effect. */
  undo(entry: RequestEntry): Promise<void>;
}

/** What is known of one request. */
interface Known {
  entry: RequestEntry;
  /** `interrupted`: the supervisor that executed it was killed. `old`: the answer is what there is now. */
  state:
    | { is: 'under way'; answer: Promise<unknown> }
    | { is: 'answered'; answer: unknown }
    | { is: 'failed'; error: PlimsollError }
    | { is: 'interrupted'; last: unknown }
    | { is: 'old' };
}

interface Parts {
  journal: Pick<Journal, 'note'>;
  effects: Effects;
  /** Any error as it crosses the border. */
  failure: (error: unknown) => PlimsollError;
  /** Wall clock, ms. */
  now?: () => number;
}

/**
 * Executes each request once. A request id is remembered for ten minutes with its verb, the digest of its arguments and its answer,
 * in the journal too: a kill -9 of the supervisor in between leaves an entry without an answer, and the next supervisor finds out
 * whether the verb took effect. The entries are not synced by themselves: they must outlive this process, not the power.
 */
export class Requests {
  readonly #parts: Parts;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  /** Ids of those whose answer is whole, oldest first. */
  readonly #whole = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  get size(): number {
    return this.#known.size;
  }

  /** What the journal has of those before. The containers and groups must be there. */
  async recover(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.kind === 'request') this.#known.set(entry.id, { entry, state: { is: 'interrupted', last: undefined } });
      if (entry.kind === 'answer') this.#recoverAnswer(entry);
    }
    this.#forgetOld();
    for (const known of this.#known.values()) if (known.state.is === 'interrupted') await this.#recoverInterrupted(known);
  }

  async #recoverInterrupted(known: Known): Promise<void> {
    const { entry } = known;
    try {
      const effect = this.#parts.effects.of(entry, undefined);
      if (effect !== undefined) return this.#follow(known, effect);
      await this.#parts.effects.undo(entry);
      known.state = { is: 'interrupted', last: this.#parts.effects.present(entry) };
    } catch (error) {
      if (!(error instanceof PlimsollError)) logFault(`request ${entry.id}, which was interrupted`, error);
    }
  }

  #recoverAnswer({ id, error, result }: Extract<JournalEntry, { kind: 'answer' }>): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    if (error !== undefined) known.state = { is: 'failed', error: PlimsollError.from(error) };
    else if (result !== undefined) known.state = { is: 'answered', answer: result };
    else known.state = { is: 'old' };
  }

  /**
   * Executes the verb, or gives the answer of the first time, for which it waits where that is under way. Throws `conflict` where the
   * id stands for another command.
   */
  async once<T>(key: RequestKey, verb: SupervisorVerb, about: Subject, execute: () => Promise<T>): Promise<T> {
    const earlier = this.#earlier(key, verb);
    if (earlier !== undefined) return (await earlier) as T;
    const at = new Date(this.#now()).toISOString();
    const entry: RequestEntry = { kind: 'request', ...key, verb, ...about, at };
    // An interrupted one is executed again under its first entry: its incarnation is the one to compare with.
    const known: Known = this.#known.get(key.id) ?? { entry, state: { is: 'interrupted', last: undefined } };
    if (!this.#known.has(key.id)) this.#note(entry);
    this.#known.set(key.id, known);
    return await this.#begin(known, execute);
  }

  /** How a request came out that came before, once it has. Undefined: none came, or it took no effect. Throws its error, and `conflict` as `once`. */
  async outcome(key: RequestKey): Promise<{ answer: unknown; verb: SupervisorVerb } | undefined> {
    const verb = this.#known.get(key.id)?.entry.verb as SupervisorVerb | undefined;
    const earlier = verb === undefined ? undefined : this.#earlier(key, verb);
    return earlier === undefined || verb === undefined ? undefined : { answer: await earlier, verb };
  }

  /** The answer to a request that came before. */
  #earlier(key: RequestKey, verb: SupervisorVerb): Promise<unknown> | undefined {
    this.#forgetOld();
    const known = this.#known.get(key.id);
    if (known === undefined) return undefined;
    const { entry } = known;
    if (entry.digest !== key.digest || entry.verb !== verb) {
      throw new PlimsollError('conflict', `request ${key.id} was another command`, {
        hint: 'Use a new request id for each command.',
      });
    }
    if (known.state.is === 'interrupted') {
      const effect = this.#parts.effects.of(entry, known.state.last);
      if (effect === undefined) return undefined;
      this.#follow(known, effect);
    }
    return this.#answer(known);
  }

  async #answer({ entry, state }: Known): Promise<unknown> {
    if (state.is === 'failed') throw state.error;
    return state.is === 'under way' || state.is === 'answered' ? await state.answer : this.#parts.effects.present(entry);
  }

  #begin<T>(known: Known, execute: () => Promise<T>): Promise<T> {
    const answer = this.#execute(known, execute);
    known.state = { is: 'under way', answer };
    return answer;
  }

  async #execute<T>(known: Known, execute: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await execute();
    } catch (cause) {
      const error = this.#parts.failure(cause);
      this.#settle(known, { error });
      throw error;
    }
    this.#settle(known, { answer: result });
    return result;
  }

  #follow(known: Known, effect: Effect): void {
    if (!('joins' in effect)) return this.#settle(known, effect);
    // A repeated request gets its error.
    this.#begin(known, () => effect.joins).catch(() => {});
  }

  #settle(known: Known, effect: Exclude<Effect, { joins: unknown }>): void {
    const { id, verb } = known.entry;
    const at = new Date(this.#now()).toISOString();
    if ('error' in effect) {
      known.state = { is: 'failed', error: effect.error };
      return this.#note({ kind: 'answer', id, at, error: effect.error.toBody() });
    }
    const { answer } = effect;
    known.state = { is: 'answered', answer };
    const isRepeated = !IS_RECORD.has(verb) || isAutoRemoved(answer);
    this.#note({ kind: 'answer', id, at, ...(isRepeated && { result: answer }) });
    this.#whole.add(id);
    const [oldest] = this.#whole;
    if (this.#whole.size <= WHOLE_ANSWERS || oldest === undefined) return;
    this.#whole.delete(oldest);
    const old = this.#known.get(oldest);
    if (old !== undefined) old.state = { is: 'old' };
  }

  /** On a full disk a command is executed all the same: repeated after a kill of the supervisor it might be executed twice. */
  #note(entry: JournalEntry): void {
    try {
      this.#parts.journal.note(entry);
    } catch (error) {
      logFault('a request id that cannot be written', error);
    }
  }

  #forgetOld(): void {
    const oldest = this.#now() - REQUEST_KEPT_MS;
    for (const [id, { entry, state }] of this.#known) {
      const isOld = Date.parse(entry.at) <= oldest || this.#known.size > MOST_REQUESTS;
      if (!isOld) return;
      if (state.is === 'under way') continue;
      this.#known.delete(id);
      this.#whole.delete(id);
    }
  }
}

/** Verbs whose answer is the record of their container: the journal does not repeat it, unless the container goes with its end. */
const IS_RECORD = new Set(['create', 'start', 'run', 'freeze', 'thaw', 'stop', 'restart', 'kill', 'signal', 'rename']);

function isAutoRemoved(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'autoRemove' in result && result.autoRemove === true;
}
