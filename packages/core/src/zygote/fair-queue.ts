interface Waiting<T> {
  share: string;
  item: T;
}

/** Items that wait, by share. The share that was served longest ago is next, and within a share the item that came first. */
export class FairQueue<T> {
  readonly #byShare = new Map<string, Waiting<T>[]>();

  /** Disposing takes it out of the queue. */
  add(share: string, item: T): Disposable {
    const waiting: Waiting<T> = { share, item };
    const queue = this.#byShare.get(share) ?? [];
    queue.push(waiting);
    this.#byShare.set(share, queue);
    return { [Symbol.dispose]: () => this.#remove(waiting) };
  }

  get isEmpty(): boolean {
    return this.#byShare.size === 0;
  }

  has(share: string): boolean {
    return this.#byShare.has(share);
  }

  /** Takes the next item of a share that may have one. Undefined: there is none. */
  next(may: (share: string) => boolean): T | undefined {
    for (const [share, queue] of this.#byShare) {
      const [first] = queue;
      if (first === undefined || !may(share)) continue;
      this.#remove(first);
      // Behind the others: a Map keeps the order of insertion.
      if (this.#byShare.delete(share)) this.#byShare.set(share, queue);
      return first.item;
    }
    return undefined;
  }

  #remove(waiting: Waiting<T>): void {
    const queue = this.#byShare.get(waiting.share);
    const index = queue?.indexOf(waiting) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#byShare.delete(waiting.share);
  }
}
