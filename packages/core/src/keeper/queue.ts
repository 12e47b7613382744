import { or } from '../abi/flags.ts';
import { MSG, MSGHDR, SOCKET } from '../abi/socket.ts';
import { makeSocketPair, oneDescriptor, receive, sending, type Received } from '../processes/descriptor-message.ts';
import { Memory } from '../program/argument.ts';
import { call, tryCall } from '../program/call.ts';
import { readableBytes } from '../events/readable-bytes.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { MESSAGE } from './format.ts';

/** A message takes some 1 KiB of it: room for tens of thousands. */
const SEND_BUFFER_BYTES = 64 * 1024 * 1024;

/** The two ends of a new queue, close-on-exec: messages stay in the kernel, and so the descriptors in them, while anybody holds it. */
export function makeQueue(): { queue: number; send: number } {
  const [queue, send] = makeSocketPair('make a queue');
  setOption(send, SOCKET.SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
  return { queue, send };
}

/** Reads and rearranges a queue. */
export class Queue {
  readonly #queue: number;

  constructor(queue: number) {
    this.#queue = queue;
  }

  /** Of all messages that are in it, in bytes. */
  get length(): number {
    return readableBytes(this.#queue);
  }

  /** Every message, and a new descriptor of what it holds, which is `take`'s to close. They stay in the queue. */
  peekAll(take: (message: Uint8Array, fd: number) => void): void {
    setOption(this.#queue, SOCKET.SO_PEEK_OFF, 0);
    try {
      for (let found = this.peek(); found !== null; found = this.peek()) take(found.message, found.fd);
    } finally {
      setOption(this.#queue, SOCKET.SO_PEEK_OFF, -1);
    }
  }

  /** The first message, and a new descriptor of what it holds (-1: nothing). It stays there. Null: there is none. */
  peek(): Received | null {
    return receive(this.#queue, { mostBytes: MESSAGE.mostBytes, peek: true });
  }

  /** Takes the first message out; what it holds is closed. */
  drop(): void {
    // Without room for the descriptor the kernel closes it.
    const nothing = new Memory(new Uint8Array(MSGHDR.size), '&header');
    tryCall('recvmsg', this.#queue, nothing, or(MSG, 'MSG_DONTWAIT'));
  }
}

function setOption(fd: number, option: number, value: number): void {
  const number = new Memory(new Uint8Array(Int32Array.of(value).buffer), String(value));
  call('set an option of a socket', 'setsockopt', fd, SOCKET.SOL_SOCKET, option, number, 4);
}

/** Sends a message with a descriptor now. Throws where the queue is full. */
export function sendNow(send: number, message: Uint8Array, fd: number): void {
  const result = tryCall('sendmsg', ...sending(send, message, oneDescriptor(fd)));
  if (result < 0) throw new SyscallError('sendmsg', -result, 'hand a process to the keeper');
}
