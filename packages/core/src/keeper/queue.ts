import { or } from '../abi/flags.ts';
import { MSG, MSGHDR, ONE_DESCRIPTOR, SOCK, SOCKET } from '../abi/socket.ts';
import { ADDRESS_FAMILY } from '../abi/address-family.ts';
import { Memory, Words, type Argument } from '../program/argument.ts';
import { call, runOrThrow, tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { readableBytes } from '../events/readable-bytes.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { MESSAGE } from './format.ts';

/** A message takes some 1 KiB of it: room for tens of thousands. */
const SEND_BUFFER_BYTES = 64 * 1024 * 1024;
const HOW_TO_SEND = or(MSG, 'MSG_DONTWAIT', 'MSG_NOSIGNAL');

/** The two ends of a new queue, close-on-exec: messages stay in the kernel, and so the descriptors in them, while anybody holds it. */
export function makeQueue(): { queue: number; send: number } {
  const ends = new Memory(new Uint8Array(8), 'ends');
  const program = new Program();
  program.call('make a queue', 'socketpair', [ADDRESS_FAMILY.AF_UNIX, or(SOCK, 'SOCK_SEQPACKET', 'SOCK_CLOEXEC'), 0, ends]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  const view = new DataView(loaded.read(ends).slice().buffer);
  const [queue, send] = [view.getInt32(0, true), view.getInt32(4, true)];
  setOption(send, SOCKET.SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
  return { queue, send };
}

/** A control message that holds one descriptor: what a program sends, with the descriptor written into it by then. */
export function oneDescriptor(fd = -1): Memory {
  const bytes = Buffer.alloc(ONE_DESCRIPTOR.size);
  bytes.writeBigUInt64LE(BigInt(ONE_DESCRIPTOR.length), 0);
  bytes.writeInt32LE(SOCKET.SOL_SOCKET, ONE_DESCRIPTOR.level);
  bytes.writeInt32LE(SOCKET.SCM_RIGHTS, ONE_DESCRIPTOR.type);
  bytes.writeInt32LE(fd, ONE_DESCRIPTOR.fd);
  return new Memory(bytes, '{SCM_RIGHTS, [pidfd]}');
}

/** The arguments of a sendmsg that never waits. */
export function sending(send: Argument, message: Uint8Array, control: Memory): Argument[] {
  const part = new Words([new Memory(message, 'message'), message.length], '{message}');
  const header = new Words([0, 0, part, 1, control, ONE_DESCRIPTOR.size, 0], '{message, SCM_RIGHTS, [pidfd]}');
  return [send, header, HOW_TO_SEND];
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
  peek(): { message: Uint8Array; fd: number } | null {
    const [message, control] = [new Memory(new Uint8Array(MESSAGE.mostBytes), 'message'), oneDescriptor()];
    const part = new Words([message, MESSAGE.mostBytes], '{message}');
    const header = new Words([0, 0, part, 1, control, ONE_DESCRIPTOR.size, 0], '&header');
    const program = new Program();
    const how = or(MSG, 'MSG_PEEK', 'MSG_DONTWAIT', 'MSG_CMSG_CLOEXEC');
    program.call('look at a message', 'recvmsg', [this.#queue, header, how], { tolerate: 'any' });
    program.end();
    using loaded = new LoadedProgram(program);
    loaded.run();
    const length = loaded.result(0);
    if (length <= 0) return null;
    const fd = Buffer.from(loaded.read(control)).readInt32LE(ONE_DESCRIPTOR.fd);
    return { message: loaded.read(message).slice(0, length), fd };
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
