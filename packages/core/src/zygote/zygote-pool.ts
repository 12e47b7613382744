import type { EventLoop } from '../events/event-loop.ts';
import { guarded, logFault } from '../events/guarded.ts';
import type { Program } from '../program/program.ts';
import { Lane, OWN_SHARE, type Play } from './lane.ts';
import { Zygote, type Played } from './zygote.ts';

const DEFAULT_SIZE = 8;
const CLOSING_SIZE = 4;
/** How often the pool looks whether a program that plays is held by a freeze, while another one waits. */
const LOOK_MS = 250;

/** Namespaces made ahead and the like: nothing that a container can delay. */
const OWN: Play = { share: OWN_SHARE };

interface Waiting {
  play: Play;
  taken: PromiseWithResolvers<Zygote>;
}

/**
 * Zygotes as they are needed: one more is forked when all are busy and the lane has room for one more program of this share; otherwise
 * the program waits. Shares take turns. Programs that a container delays stop no other share (Lane).
 */
export class ZygotePool implements AsyncDisposable {
  /** Of whoever holds what these clone. */
  readonly loop: EventLoop;
  readonly #size: number;
  readonly #all = new Set<Zygote>();
  readonly #idle: Zygote[] = [];
  readonly #starting: Lane<Waiting>;
  readonly #closing = new Lane<Waiting>(CLOSING_SIZE);
  #look: NodeJS.Timeout | undefined;

  constructor(loop: EventLoop, size = DEFAULT_SIZE) {
    this.loop = loop;
    this.#size = size;
    this.#starting = new Lane(size);
    this.#idle.push(this.#fork());
  }

  /** Zygote.play: where a zygote is free for this share, it has begun when this returns. */
  async play(program: Program, of: Play = OWN): Promise<Played> {
    // One object for each program.
    const play = { ...of };
    play.signal?.throwIfAborted();
    const lane = this.#laneOf(play);
    const zygote = lane.mayBegin(play.share) ? this.#take(play) : await this.#wait(play);
    try {
      return await zygote.play(program, play.begun);
    } finally {
      lane.playing.delete(play);
      if (zygote.alive) this.#idle.push(zygote);
      this.#serve();
      this.#endSpare();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#look);
    await Promise.all([...this.#all].map((zygote) => zygote[Symbol.asyncDispose]()));
  }

  #laneOf({ closes }: Play): Lane<Waiting> {
    return closes === true ? this.#closing : this.#starting;
  }

  #take(play: Play): Zygote {
    // The one that was used last has its pages and its core warm.
    let zygote = this.#idle.pop();
    while (zygote?.alive === false) zygote = this.#idle.pop();
    zygote ??= this.#fork();
    this.#laneOf(play).playing.add(play);
    return zygote;
  }

  async #wait(play: Play): Promise<Zygote> {
    const taken = Promise.withResolvers<Zygote>();
    using waiting = this.#laneOf(play).wait(play.share, { play, taken });
    const { signal } = play;
    const abort = (): void => {
      waiting[Symbol.dispose]();
      taken.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    this.#look ??= setInterval(guarded('the zygotes', this.#serve), LOOK_MS).unref();
    try {
      return await taken.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Gives zygotes to those whose turn has come. */
  readonly #serve = (): void => {
    const next = () => this.#closing.next() ?? this.#starting.next();
    for (let waiting = next(); waiting !== undefined; waiting = next()) {
      try {
        waiting.taken.resolve(this.#take(waiting.play));
      } catch (error) {
        waiting.taken.reject(error);
      }
    }
    if (!this.#closing.isClear || !this.#starting.isClear) return;
    clearInterval(this.#look);
    this.#look = undefined;
  };

  /** Those that programs beyond the size of the lanes had: of held starts, or of many shares. What has waited has its zygote by now. */
  #endSpare(): void {
    while (this.#idle.length > this.#size + CLOSING_SIZE) {
      this.#idle
        .shift()
        ?.[Symbol.asyncDispose]()
        .catch((error: unknown) => logFault('the end of a zygote', error));
    }
  }

  #fork(): Zygote {
    const zygote = new Zygote(this.loop);
    this.#all.add(zygote);
    zygote.ended.then(() => this.#all.delete(zygote)).catch((error: unknown) => logFault('the end of a zygote', error));
    return zygote;
  }
}
