import { EPOLL_CLOEXEC, EPOLL_CTL, EPOLL_EVENT } from '../abi/epoll.ts';
import { SIGSET_BYTES } from '../abi/prctl.ts';
import { Memory } from '../program/argument.ts';
import { call, tryCall } from '../program/call.ts';
import type { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { UnsupportedArchitecture } from '../syscalls/unsupported.ts';
import { attempt, guarded } from './guarded.ts';

const BATCH = 64;
/** A descriptor that is still ready would call a callback that fails without a pause. */
const AGAIN_AFTER_A_FAULT_MS = 100;
/** Between two attempts to watch it again, at most: the kernel may have no memory, or the user no watches left. */
const MOST_AGAIN_MS = 5000;

interface Watch {
  /** For the log. */
  what: string;
  events: number;
  callback: (events: number) => void;
}

/** An epoll instance and who waits for what. The wait itself is a program, which whoever holds this plays. */
export class Epoll implements Disposable {
  readonly fd: number;
  readonly #watches = new Map<number, Watch>();
  readonly #layout: { size: number; data: number };

  constructor() {
    const layout = EPOLL_EVENT[process.arch];
    if (layout === undefined) throw new UnsupportedArchitecture();
    this.#layout = layout;
    this.fd = call('make an epoll instance', 'epoll_create1', EPOLL_CLOEXEC);
  }

  /**
   * Calls `callback` with the epoll events of `fd`, which the caller keeps open until the watch is disposed of. What it throws is
   * logged with `what`, which names the thing watched; it is called again a moment later.
   */
  watch(what: string, fd: number, events: number, callback: (events: number) => void): Disposable {
    const watch: Watch = { what, events, callback };
    this.#add(fd, events);
    this.#watches.set(fd, watch);
    return {
      [Symbol.dispose]: () => {
        if (this.#watches.get(fd) !== watch) return;
        this.#watches.delete(fd);
        tryCall('epoll_ctl', this.fd, EPOLL_CTL.EPOLL_CTL_DEL, fd, 0);
      },
    };
  }

  #add(fd: number, events: number): void {
    const event = new Memory(new Uint8Array(this.#layout.size), 'event');
    const view = new DataView(event.bytes.buffer);
    view.setUint32(0, events, true);
    view.setUint32(this.#layout.data, fd, true);
    call(`watch descriptor ${fd}`, 'epoll_ctl', this.fd, EPOLL_CTL.EPOLL_CTL_ADD, fd, event);
  }

  /** A program whose first step waits for events, and where it puts them. `timeoutMs` -1: for ever. */
  waitProgram(timeoutMs: number): { program: Program; ready: Memory } {
    const ready = new Memory(new Uint8Array(BATCH * this.#layout.size), 'events');
    const program = new Program();
    const args = [this.fd, ready, BATCH, timeoutMs, 0, SIGSET_BYTES];
    program.call('wait for events', 'epoll_pwait', args, { tolerate: 'any' });
    return { program, ready };
  }

  /** Calls back for what such a program has found. */
  dispatch(loaded: LoadedProgram, events: Memory): void {
    const bytes = loaded.read(events);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const ready: [number, number][] = [];
    for (let i = 0; i < loaded.result(0); i++) {
      const at = i * this.#layout.size;
      ready.push([view.getUint32(at + this.#layout.data, true), view.getUint32(at, true)]);
    }
    // A callback may end another's watch: each is looked up when its turn comes.
    for (const [fd, found] of ready) {
      const watch = this.#watches.get(fd);
      if (watch !== undefined && !attempt(watch.what, () => watch.callback(found))) this.#pause(fd, watch);
    }
  }

  #pause(fd: number, watch: Watch): void {
    if (this.#watches.get(fd) !== watch) return;
    tryCall('epoll_ctl', this.fd, EPOLL_CTL.EPOLL_CTL_DEL, fd, 0);
    this.#watchAgain(fd, watch, AGAIN_AFTER_A_FAULT_MS);
  }

  #watchAgain(fd: number, watch: Watch, afterMs: number): void {
    const again = (): void => {
      if (this.#watches.get(fd) !== watch || attempt(watch.what, () => this.#add(fd, watch.events))) return;
      this.#watchAgain(fd, watch, Math.min(2 * afterMs, MOST_AGAIN_MS));
    };
    setTimeout(guarded(watch.what, again), afterMs).unref();
  }

  [Symbol.dispose](): void {
    this.#watches.clear();
    tryCall('close', this.fd);
  }
}
