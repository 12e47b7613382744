import { logFault } from '../events/guarded.ts';
import { whyNoIdMap } from '../mounts/id-map-probe.ts';
import { tryCall } from '../program/call.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import { makeUserNamespace, type MadeUserNamespace } from './user-namespace.ts';

/** Ids of the host from `first` on that are 0 and up inside. */
export const IDS_IN_A_RANGE = 65_536;
const DEFAULT_SIZE = 8;

/** Who has which range is somebody else's to keep; here is what the kernel has of it. */
export interface IdRanges {
  /** A range that nobody has: its first id. */
  take(): number;
  release(first: number): void;
}

/**
 * User namespaces, one for each range of ids. Some are made ahead, with a network namespace that is theirs: a start that
 * joins the two has most of its namespaces behind it. One that is in use is held by its descriptor until its range is
 * released, for the next start of the container.
 */
export class UserNamespacePool implements Disposable {
  readonly #zygotes: ZygotePool;
  readonly #ranges: IdRanges;
  readonly #size: number;
  readonly #ready = new Map<number, MadeUserNamespace>();
  readonly #held = new Map<number, Promise<MadeUserNamespace>>();
  #making = 0;
  #closed = false;

  constructor(zygotes: ZygotePool, ranges: IdRanges, size = DEFAULT_SIZE) {
    this.#zygotes = zygotes;
    this.#ranges = ranges;
    this.#size = size;
  }

  /** A range for a new container, with its namespaces where some are ready. */
  assign(): number {
    const [ready] = this.#ready;
    if (ready === undefined) return this.#ranges.take();
    const [first, made] = ready;
    this.#ready.delete(first);
    this.#held.set(first, Promise.resolve(made));
    return first;
  }

  /** The user namespace stays the pool's to close, the network namespace is the caller's, and there once at the most. */
  async open(first: number): Promise<MadeUserNamespace> {
    const held = this.#held.get(first) ?? this.#make(first, false);
    this.#held.set(first, held);
    try {
      const made = await held;
      this.#held.set(first, Promise.resolve({ user: made.user, network: null }));
      return made;
    } catch (error) {
      this.#held.delete(first);
      throw error;
    }
  }

  /** Why the files at a path cannot be shown in a user namespace; null: they can. */
  async whyNoIdMap(path: string): Promise<string | null> {
    const [ready] = this.#ready.values();
    if (ready !== undefined) return whyNoIdMap(path, ready.user);
    const first = this.#ranges.take();
    try {
      const made = await this.#make(first, false);
      const why = whyNoIdMap(path, made.user);
      close(made);
      return why;
    } catch (error) {
      return `this kernel makes no user namespace: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.#ranges.release(first);
    }
  }

  /** When nothing that was owned by its ids is left. */
  release(first: number): void {
    void this.#held.get(first)?.then(close, () => {});
    this.#held.delete(first);
    this.#ranges.release(first);
  }

  /** To be called when a start is done, so that the two do not compete. */
  refill(): void {
    while (!this.#closed && this.#ready.size + this.#making < this.#size) {
      this.#making++;
      // It never rejects, unless no range is left to take.
      this.#prepare()
        .catch((error: unknown) => logFault('a user namespace made ahead', error))
        .finally(() => this.#making--);
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const made of this.#ready.values()) close(made);
    for (const held of this.#held.values()) void held.then(close, () => {});
    this.#ready.clear();
    this.#held.clear();
  }

  async #prepare(): Promise<void> {
    const first = this.#ranges.take();
    try {
      const made = await this.#make(first, true);
      if (this.#closed) close(made);
      else this.#ready.set(first, made);
    } catch {
      // A start makes its own, and tells what hinders it.
      this.#ranges.release(first);
    }
  }

  #make(first: number, network: boolean): Promise<MadeUserNamespace> {
    const map = idMap(first);
    return makeUserNamespace(this.#zygotes, { uid: map, gid: map }, { network });
  }
}

/** The whole range, from the container's root on. */
export function idMap(first: number): { containerID: number; hostID: number; size: number }[] {
  return [{ containerID: 0, hostID: first, size: IDS_IN_A_RANGE }];
}

function close({ user, network }: MadeUserNamespace): void {
  tryCall('close', user);
  if (network !== null) tryCall('close', network);
}
