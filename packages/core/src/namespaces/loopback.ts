import { AF_INET, IFF_UP, IFREQ, SIOCSIFFLAGS, SOCK_CLOEXEC, SOCK_DGRAM } from '../abi/network.ts';
import { Memory } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** Adds the steps that bring `lo` up in the network namespace that they run in: a new one has it down, and localhost dead. */
export function bringLoopbackUp(program: Program): void {
  const request = new Uint8Array(IFREQ.size);
  request.set(Buffer.from('lo'));
  new DataView(request.buffer).setUint16(IFREQ.flags, IFF_UP, true);
  const purpose = 'bring the loopback device up';
  const kind = { value: SOCK_DGRAM + SOCK_CLOEXEC, text: 'SOCK_DGRAM|SOCK_CLOEXEC' };
  const socket = program.call(purpose, 'socket', [{ value: AF_INET, text: 'AF_INET' }, kind, 0], { as: 'socket' });
  const set = { value: SIOCSIFFLAGS, text: 'SIOCSIFFLAGS' };
  program.call(purpose, 'ioctl', [socket, set, new Memory(request, '{"lo", IFF_UP}')]);
  program.call(purpose, 'close', [socket]);
}
