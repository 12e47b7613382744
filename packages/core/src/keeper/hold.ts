import { EPOLL_CTL } from '../abi/epoll.ts';
import { ONE_DESCRIPTOR } from '../abi/socket.ts';
import { Memory, Stored, Within } from '../program/argument.ts';
import type { LoadedProgram } from '../program/load.ts';
import type { Program } from '../program/program.ts';
import { sending } from '../processes/descriptor-message.ts';

/** What the steps below need: a supervisor's descriptors, which keep their numbers. */
export interface HoldParts {
  key: bigint;
  message: Uint8Array;
  /** struct epoll_event of its registration. */
  event: Uint8Array;
  send: number;
  epoll: number;
}

/**
 * A process that is about to be made is handed to the keeper by its own first steps: at no moment of its life would a kill of the
 * supervisor lose how it ends.
 */
export class Hold {
  readonly key: bigint;
  readonly #parts: HoldParts;
  #steps: readonly number[] = [];

  constructor(parts: HoldParts) {
    this.key = parts.key;
    this.#parts = parts;
  }

  /** The supervisor's descriptors that the steps use. */
  get descriptors(): number[] {
    return [this.#parts.send, this.#parts.epoll];
  }

  /** Adds the steps. `control`: holds the pidfd by then (oneDescriptor). */
  addTo(program: Program, control: Memory): void {
    const { message, event, send, epoll } = this.#parts;
    const pidfd = new Stored(new Within(control, ONE_DESCRIPTOR.fd, '&pidfd'), 'pidfd');
    const registration = [epoll, EPOLL_CTL.EPOLL_CTL_ADD, pidfd, new Memory(event, '{EPOLLIN|EPOLLONESHOT, key}')];
    // A start goes well without: the supervisor hands it over afterwards.
    const watched = program.call('register its end with the keeper', 'epoll_ctl', registration, { tolerate: 'any' });
    const sent = program.call('send its pidfd to the keeper', 'sendmsg', sending(send, message, control), { tolerate: 'any' });
    this.#steps = [watched.step, sent.step];
  }

  /** Whether the keeper has it. */
  wentWell(loaded: LoadedProgram): boolean {
    return this.#steps.length > 0 && this.#steps.every((step) => loaded.doneAtNs(step) !== null && loaded.result(step) >= 0);
  }
}
