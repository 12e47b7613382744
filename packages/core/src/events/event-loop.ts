import { EPOLL_CLOEXEC, EPOLL_CTL, EPOLL_EVENT } from '../abi/epoll.ts';
import { SIGSET_BYTES } from '../abi/prctl.ts';
import { Memory } from '../program/argument.ts';
import { call, tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { onReadable } from '../syscalls/poll.ffi.ts';
import { UnsupportedArchitecture } from '../syscalls/unsupported.ts';

const BATCH = 64;

/**
 * An epoll instance of our own below Node's: one descriptor on Node's event loop however many are watched, and the
 * priority events (EPOLLPRI) of cgroup and pressure files, which Node's poll cannot ask for.
 */
export class EventLoop implements Disposable {
  readonly #epoll: number;
  readonly #watches = new Map<number, (events: number) => void>();
  readonly #poll: Disposable;
  readonly #wait: LoadedProgram;
  readonly #ready: Memory;
  readonly #layout: { size: number; data: number };

  constructor() {
    const layout = EPOLL_EVENT[process.arch];
    if (layout === undefined) throw new UnsupportedArchitecture();
    this.#layout = layout;
    this.#epoll = call('make an epoll instance', 'epoll_create1', EPOLL_CLOEXEC);
    this.#ready = new Memory(new Uint8Array(BATCH * layout.size), 'events');
    const program = new Program();
    program.call('wait for events', 'epoll_pwait', [this.#epoll, this.#ready, BATCH, 0, 0, SIGSET_BYTES], { tolerate: 'any' });
    program.end();
    this.#wait = new LoadedProgram(program);
    this.#poll = onReadable(this.#epoll, () => this.#dispatch());
  }

  /** Calls `callback` with the epoll events of `fd`, which the caller keeps open until the watch is disposed of. */
  watch(fd: number, events: number, callback: (events: number) => void): Disposable {
    const event = new Memory(new Uint8Array(this.#layout.size), 'event');
    const view = new DataView(event.bytes.buffer);
    view.setUint32(0, events, true);
    view.setUint32(this.#layout.data, fd, true);
    call(`watch descriptor ${fd}`, 'epoll_ctl', this.#epoll, EPOLL_CTL.EPOLL_CTL_ADD, fd, event);
    this.#watches.set(fd, callback);
    let watching = true;
    return {
      [Symbol.dispose]: () => {
        if (!watching) return;
        watching = false;
        this.#watches.delete(fd);
        tryCall('epoll_ctl', this.#epoll, EPOLL_CTL.EPOLL_CTL_DEL, fd, 0);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#poll[Symbol.dispose]();
    this.#wait[Symbol.dispose]();
    this.#watches.clear();
    tryCall('close', this.#epoll);
  }

  #dispatch(): void {
    this.#wait.run();
    const count = this.#wait.result(0);
    const bytes = this.#wait.read(this.#ready);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const ready: [number, number][] = [];
    for (let i = 0; i < count; i++) {
      const at = i * this.#layout.size;
      ready.push([view.getUint32(at + this.#layout.data, true), view.getUint32(at, true)]);
    }
    // A callback may end another's watch: each is looked up when its turn comes.
    for (const [fd, events] of ready) this.#watches.get(fd)?.(events);
  }
}
