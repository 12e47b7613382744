import { makeSocketPair, oneDescriptor, receive, sending } from '../processes/descriptor-message.ts';
import type { Argument } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import type { Program } from '../program/program.ts';

const MESSAGE = Uint8Array.of(0);

/** How a start gives this process one descriptor of its own table. What is sent and never taken is closed with this. */
export class Handover implements Disposable {
  /** To be kept open in the table that the start has. */
  readonly send: number;
  readonly #receive: number;

  constructor([receiver, sender] = makeSocketPair('make a way for a descriptor')) {
    this.#receive = receiver;
    this.send = sender;
  }

  /** Adds the step that sends what is open as `fd` by then. */
  addTo(program: Program, purpose: string, fd: number): void {
    const args: Argument[] = sending(this.send, MESSAGE, oneDescriptor(fd));
    program.call(purpose, 'sendmsg', args, { tolerate: 'any' });
  }

  /** The descriptor, which is the caller's to close. Null: none was sent. */
  take(): number | null {
    const fd = receive(this.#receive, { mostBytes: MESSAGE.length })?.fd ?? -1;
    return fd < 0 ? null : fd;
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#receive, this.send]) tryCall('close', fd);
  }
}
