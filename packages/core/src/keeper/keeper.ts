import { fstatSync, readFileSync } from 'node:fs';
import { EPOLL, EPOLL_CTL, EPOLL_EVENT } from '../abi/epoll.ts';
import type { EventLoop } from '../events/event-loop.ts';
import { guarded } from '../events/guarded.ts';
import { HeldProcess } from '../processes/process.ts';
import { Memory } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import { UnsupportedArchitecture } from '../syscalls/unsupported.ts';
import { EndLog } from './end-log.ts';
import { findKeepers, type FoundKeeper } from './find-keepers.ts';
import { decodeMessage, encodeMessage, type EndTime, type Entry } from './format.ts';
import { Hold } from './hold.ts';
import { closeDescriptors, makeDescriptors, startKeeper, type KeeperDescriptors } from './keeper-process.ts';
import { Queue, sendNow } from './queue.ts';

const SIGKILL = 9;
/** A keeper that did not live this long is made again after as much. */
const AGAIN_MS = 1000;
/** Messages of processes that are not needed any more stay until there are this many, and more than of others. */
const GARBAGE = 256;
/** Messages looked at in one turn of the event loop. */
const AT_ONCE = 16;
const KEPT_FLAGS = EPOLL.EPOLLIN + EPOLL.EPOLLONESHOT;

export interface KeeperOptions {
  /** Names it, so that the next supervisor of the same state finds it. */
  owner: string;
  /** A keeper in such a cgroup is not believed. */
  isDoubted: (cgroup: string) => boolean;
  /** Called with what could not be done and why; the keeper goes on as well as it can. */
  report: (what: string, why: unknown) => void;
}

/**
 * A keeper holds the pidfds of processes while no supervisor runs, so that the next one can read how they ended (PIDFD_GET_INFO), and
 * notes when they did. It is a process that plays a small program, and has some 100 KiB. pidfds rest in the queue of a unix socket
 * that it holds open, so handing one over does not wait for it; each is in an epoll instance as well, in which it waits. The queue has
 * the FIFOs that processes write to as well.
 *
 * There is one a supervisor: a new supervisor takes what earlier ones left, hands it to a keeper of its own version, and ends them.
 */
export class Keeper {
  readonly #loop: EventLoop;
  readonly #options: KeeperOptions;
  readonly #descriptors: KeeperDescriptors;
  readonly #queue: Queue;
  readonly #log: EndLog;
  /** Null: it could not be made yet, or was killed. */
  #process: HeldProcess | null = null;
  readonly #kept = new Map<bigint, Entry>();
  /** pidfds of earlier supervisors' processes that are not adopted yet. */
  readonly #found = new Map<bigint, number>();
  /** FIFOs that earlier supervisors had open. */
  readonly #foundFifos = new Map<bigint, number>();
  #lastKey = 0n;
  #garbage = 0;
  #hasAll = false;
  readonly #startGuarded = guarded('the start of a keeper', () => this.#start());
  #isCompacting = false;
  #compactsAgain = false;
  #isEnding = false;

  /** Takes over what earlier supervisors' keepers hold, and puts one keeper in their place. */
  static open(loop: EventLoop, options: KeeperOptions): Keeper {
    const before = findKeepers(options.owner, options.isDoubted);
    const keeper = new Keeper(loop, options);
    const replaced = before.map((found) => keeper.#replace(found));
    keeper.#hasAll = replaced.length > 0 && replaced.every(Boolean);
    return keeper;
  }

  private constructor(loop: EventLoop, options: KeeperOptions) {
    this.#loop = loop;
    this.#options = options;
    this.#descriptors = makeDescriptors(options.owner);
    this.#queue = new Queue(this.#descriptors.queue);
    this.#log = new EndLog(this.#descriptors.ends);
    this.#start();
  }

  /** 0: there is none now. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** The supervisor before this had a keeper, and all that it held is here. */
  get hasAll(): boolean {
    return this.#hasAll;
  }

  /** Processes of earlier supervisors that are not adopted yet: keys and notes. */
  get found(): { key: bigint; note: string }[] {
    return [...this.#found.keys()].map((key) => ({ key, note: this.#kept.get(key)?.note ?? '' }));
  }

  /** The process of that key, which an earlier supervisor has left. Null: there is none. */
  adopt(key: bigint): HeldProcess | null {
    const pidfd = this.#found.get(key);
    if (pidfd === undefined) return null;
    this.#found.delete(key);
    return new HeldProcess(this.#loop, Math.max(0, pidOf(pidfd) ?? 0), pidfd);
  }

  /** Releases the processes of earlier supervisors that were not adopted, and their FIFOs: whoever reads one has it open by now. */
  releaseFound(): void {
    const hadFifos = this.#foundFifos.size > 0;
    for (const key of [...this.#found.keys(), ...this.#foundFifos.keys()]) this.release(key);
    // A reader of one of them may wait for its end.
    if (hadFifos) this.#compact();
  }

  /** For a start: its program hands the process over. `started` or `release` follows. */
  prepare(note: string): Hold {
    const entry = { key: this.#newKey(), note, ended: null };
    const { send, epoll } = this.#descriptors;
    const hold = new Hold({ key: entry.key, message: encodeMessage(entry), event: eventOf(entry.key), send, epoll });
    this.#kept.set(entry.key, entry);
    return hold;
  }

  /** The process of a start. `isHeld`: the steps of its program went well. */
  started({ key }: Hold, process: HeldProcess, isHeld: boolean): void {
    const entry = this.#kept.get(key);
    if (!isHeld && entry !== undefined) this.#handOver(entry, process.pidfd);
  }

  /** Holds a process that runs already. Returns its key. */
  hold(note: string, process: HeldProcess): bigint {
    const entry = { key: this.#newKey(), note, ended: null };
    this.#kept.set(entry.key, entry);
    this.#handOver(entry, process.pidfd);
    return entry.key;
  }

  /** Holds a FIFO open, so that what is in it stays there when its writers end while no supervisor runs. Returns its key. */
  holdFifo(fd: number): bigint {
    const entry = { key: this.#newKey(), note: '', ended: null };
    this.#kept.set(entry.key, entry);
    this.#send(entry, fd);
    return entry.key;
  }

  /** When it ended, as this keeper or one before it saw. Null: none has. */
  endOf(key: bigint): EndTime | null {
    return this.#kept.get(key)?.ended ?? this.#log.get(key);
  }

  /** How it ended is recorded elsewhere. */
  release(key: bigint): void {
    if (!this.#kept.delete(key)) return;
    for (const found of [this.#found, this.#foundFifos]) {
      const fd = found.get(key);
      if (fd !== undefined) tryCall('close', fd);
      found.delete(key);
    }
    this.#garbage++;
    if (this.#garbage > Math.max(GARBAGE, this.#kept.size)) this.#compact();
  }

  /** The same; what is held by that key is closed within some turns of the event loop, not when there is more to remove. */
  releaseNow(key: bigint): void {
    this.release(key);
    if (this.#isCompacting) this.#compactsAgain = true;
    else this.#compact();
  }

  /** From now on the keeper is the next supervisor's, and is not made again here. */
  leave(): void {
    this.#isEnding = true;
  }

  /** Ends the keeper: nothing is to be kept for another supervisor. */
  async end(): Promise<void> {
    this.leave();
    this.#process?.signal(SIGKILL);
    await this.#process?.exited;
  }

  #newKey(): bigint {
    const now = process.hrtime.bigint();
    this.#lastKey = now > this.#lastKey ? now : this.#lastKey + 1n;
    return this.#lastKey;
  }

  /** Containers run without a keeper as well: where it cannot be made that is tried again. */
  #start(): void {
    if (this.#isEnding) return;
    try {
      const [started, startedAt] = [startKeeper(this.#loop, this.#descriptors), performance.now()];
      this.#process = started;
      void started.exited.then(() => this.#again(performance.now() - startedAt));
    } catch (error) {
      this.#options.report('cannot make a keeper, and tries again', error);
      setTimeout(this.#startGuarded, AGAIN_MS).unref();
    }
  }

  /** It was killed: another one takes its place, with the same descriptors. Nothing is lost, for this process has them as well. */
  #again(livedMs: number): void {
    this.#process = null;
    if (this.#isEnding) return;
    this.#options.report('the keeper was killed', 'another one takes its place');
    setTimeout(this.#startGuarded, livedMs > AGAIN_MS ? 0 : AGAIN_MS).unref();
  }

  /** Takes over what it holds, and ends it. False: it could not be read. One from which that fails is left for a later supervisor. */
  #replace(found: FoundKeeper): boolean {
    const { pid, content } = found;
    try {
      if ('unreadable' in content) {
        const why = `${content.unreadable}; how containers ended while no supervisor ran stays unknown`;
        this.#options.report(`cannot read the keeper with pid ${pid}`, why);
      } else {
        this.#takeFrom(content);
      }
      found.kill();
      return !('unreadable' in content);
    } catch (error) {
      this.#options.report(`cannot take over from the keeper with pid ${pid}`, error);
      return false;
    }
  }

  #takeFrom(descriptors: KeeperDescriptors): void {
    using log = new EndLog(descriptors.ends);
    new Queue(descriptors.queue).peekAll((message, fd) => {
      const entry = decodeMessage(message);
      if (fd < 0) return;
      const isFifo = fstatSync(fd).isFIFO();
      if (entry === null || (!isFifo && pidOf(fd) === null)) return void tryCall('close', fd);
      const ended = entry.ended ?? log.get(entry.key);
      const known = this.#kept.get(entry.key);
      if (known === undefined) return isFifo ? this.#keepFifo(entry, fd) : this.#keep({ ...entry, ended }, fd);
      // Left twice, by a supervisor that was killed at this: the first to see its end was there.
      if (ended !== null && ended.monotonicNs < (known.ended ?? ended).monotonicNs) known.ended = ended;
      tryCall('close', fd);
    });
    closeDescriptors(descriptors);
  }

  #keep(entry: Entry, pidfd: number): void {
    this.#kept.set(entry.key, entry);
    this.#found.set(entry.key, pidfd);
    if (entry.key > this.#lastKey) this.#lastKey = entry.key;
    this.#handOver(entry, pidfd);
  }

  #keepFifo(entry: Entry, fd: number): void {
    this.#kept.set(entry.key, entry);
    this.#foundFifos.set(entry.key, fd);
    if (entry.key > this.#lastKey) this.#lastKey = entry.key;
    this.#send(entry, fd);
  }

  #handOver(entry: Entry, pidfd: number | null): void {
    if (pidfd === null) return;
    // A start may have come so far, with a descriptor of its own: until that is closed, both say when it ended.
    const event = new Memory(eventOf(entry.key), 'event');
    if (entry.ended === null) tryCall('epoll_ctl', this.#descriptors.epoll, EPOLL_CTL.EPOLL_CTL_ADD, pidfd, event);
    this.#send(entry, pidfd);
  }

  #send(entry: Entry, fd: number): void {
    try {
      sendNow(this.#descriptors.send, encodeMessage(entry), fd);
    } catch (error) {
      this.#options.report('cannot hand a descriptor to the keeper', error);
    }
  }

  /** Removes messages of released processes from the queue, some at a time. The others are sent again before they are received. */
  #compact(): void {
    if (this.#isCompacting) return;
    this.#isCompacting = true;
    this.#compactsAgain = false;
    this.#garbage = 0;
    let left = this.#queue.length;
    const turn = (): void => {
      try {
        for (let looked = 0; looked < AT_ONCE && left > 0; looked++) left -= this.#passFirst();
        if (left > 0) return void setImmediate(guarded("the keeper's queue", turn));
        this.#log.purge((key) => this.#kept.has(key));
      } catch (error) {
        this.#options.report("cannot tidy the keeper's queue", error);
      }
      this.#isCompacting = false;
      if (this.#compactsAgain) this.#compact();
    };
    setImmediate(guarded("the keeper's queue", turn));
  }

  /** Returns the length of the message that was first. */
  #passFirst(): number {
    const first = this.#queue.peek();
    if (first === null) return Number.MAX_SAFE_INTEGER;
    const entry = decodeMessage(first.message);
    try {
      if (entry !== null && this.#kept.has(entry.key)) sendNow(this.#descriptors.send, first.message, first.fd);
    } finally {
      tryCall('close', first.fd);
    }
    this.#queue.drop();
    return first.message.length;
  }
}

/** struct epoll_event of a registration: once, with that key. */
function eventOf(key: bigint): Uint8Array {
  const layout = EPOLL_EVENT[process.arch];
  if (layout === undefined) throw new UnsupportedArchitecture();
  const event = Buffer.alloc(layout.size);
  event.writeUInt32LE(KEPT_FLAGS, 0);
  event.writeBigUInt64LE(key, layout.data);
  return event;
}

/** proc_pid_fdinfo(5): -1 where it has been reaped. Null: this is no pidfd. */
function pidOf(fd: number): number | null {
  const pid = /^Pid:\t(-?\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  return pid === undefined ? null : Number(pid);
}
