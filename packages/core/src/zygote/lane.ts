import type { LoadedProgram } from '../program/load.ts';
import { FairQueue } from './fair-queue.ts';

/** Plimsoll's own share. Nothing that a container can delay is in it. */
export const OWN_SHARE = '';
/** Programs of all other shares that play at a time: each holds a zygote of some 40 KiB. */
const MOST_PLAYING = 64;

/** What a program is played for. */
export interface Play {
  /** Programs of one share have at most half of the zygotes that other shares leave, and one at least. */
  share: string;
  /** It only closes descriptors: a cleanup that a start waits for is not to wait for starts. */
  closes?: boolean;
  /** Rejects with its reason while the program waits for a zygote. */
  signal?: AbortSignal;
  /** A freeze holds what the program has cloned. Its zygote counts neither for all nor for the share. */
  isHeld?: () => boolean;
  /** Called before a zygote begins, with the memory that the program runs in. */
  begun?: (loaded: LoadedProgram) => void;
}

/**
 * Programs that play and wait beside those of other lanes. A share has half of what the others leave of `size`, and one program at least,
 * up to MOST_PLAYING in all: the programs of some shares, though none of them ever ends, stop no other share.
 */
export class Lane<T> {
  readonly playing = new Set<Play>();
  readonly #waiting = new FairQueue<T>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Nothing waits. */
  get isClear(): boolean {
    return this.#waiting.isEmpty;
  }

  /** A program of this share may begin at once: it overtakes none of its own share. */
  mayBegin(share: string): boolean {
    return !this.#waiting.has(share) && this.#hasRoom(share);
  }

  /** Disposing takes it out of the queue. */
  wait(share: string, item: T): Disposable {
    return this.#waiting.add(share, item);
  }

  /** The next whose turn has come. Undefined: there is none. */
  next(): T | undefined {
    return this.#waiting.next((share) => this.#hasRoom(share));
  }

  /** The look at what is held is left out where there is room anyway. */
  #hasRoom(share: string): boolean {
    const fits = (plays: readonly Play[]): boolean => {
      const own = plays.filter((play) => play.share === share).length;
      const most = Math.max(1, Math.floor((this.#size - (plays.length - own)) / 2));
      return own < most && (share === OWN_SHARE || plays.length < MOST_PLAYING);
    };
    const playing = [...this.playing];
    return fits(playing) || fits(playing.filter(({ isHeld }) => isHeld?.() !== true));
  }
}
