import { ADDRESS_FAMILY } from '../abi/address-family.ts';
import { or } from '../abi/flags.ts';
import { MSG, ONE_DESCRIPTOR, SOCK, SOCKET } from '../abi/socket.ts';
import { Memory, Words, type Argument } from '../program/argument.ts';
import { runOrThrow } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

const HOW_TO_SEND = or(MSG, 'MSG_DONTWAIT', 'MSG_NOSIGNAL');

export interface Received {
  message: Uint8Array;
  /** A new descriptor of what the message holds, which is the caller's to close; -1: it holds nothing. */
  fd: number;
}

/** Two connected sockets that keep messages apart, close-on-exec. */
export function makeSocketPair(purpose: string): [number, number] {
  const ends = new Memory(new Uint8Array(8), 'ends');
  const program = new Program();
  program.call(purpose, 'socketpair', [ADDRESS_FAMILY.AF_UNIX, or(SOCK, 'SOCK_SEQPACKET', 'SOCK_CLOEXEC'), 0, ends]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  const view = new DataView(loaded.read(ends).slice().buffer);
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

/** A control message that holds one descriptor: what a program sends, with the descriptor written into it by then. */
export function oneDescriptor(fd = -1): Memory {
  const bytes = Buffer.alloc(ONE_DESCRIPTOR.size);
  bytes.writeBigUInt64LE(BigInt(ONE_DESCRIPTOR.length), 0);
  bytes.writeInt32LE(SOCKET.SOL_SOCKET, ONE_DESCRIPTOR.level);
  bytes.writeInt32LE(SOCKET.SCM_RIGHTS, ONE_DESCRIPTOR.type);
  bytes.writeInt32LE(fd, ONE_DESCRIPTOR.fd);
  return new Memory(bytes, '{SCM_RIGHTS, [fd]}');
}

/** The arguments of a sendmsg that never waits. */
export function sending(send: Argument, message: Uint8Array, control: Memory): Argument[] {
  const part = new Words([new Memory(message, 'message'), message.length], '{message}');
  const header = new Words([0, 0, part, 1, control, ONE_DESCRIPTOR.size, 0], '{message, SCM_RIGHTS, [fd]}');
  return [send, header, HOW_TO_SEND];
}

/** The first message of a socket. Never waits. `peek`: it stays there. Null: there is none. */
export function receive(fd: number, { mostBytes, peek = false }: { mostBytes: number; peek?: boolean }): Received | null {
  const [message, control] = [new Memory(new Uint8Array(mostBytes), 'message'), oneDescriptor()];
  const part = new Words([message, mostBytes], '{message}');
  const header = new Words([0, 0, part, 1, control, ONE_DESCRIPTOR.size, 0], '&header');
  const program = new Program();
  const how = or(MSG, ...(peek ? (['MSG_PEEK'] as const) : []), 'MSG_DONTWAIT', 'MSG_CMSG_CLOEXEC');
  program.call('receive a message', 'recvmsg', [fd, header, how], { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  const length = loaded.result(0);
  if (length <= 0) return null;
  return {
    message: loaded.read(message).slice(0, length),
    fd: Buffer.from(loaded.read(control)).readInt32LE(ONE_DESCRIPTOR.fd),
  };
}
