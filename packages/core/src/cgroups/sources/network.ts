import { statSync } from 'node:fs';
import { unlessEnded } from '../../processes/ended.ts';
import { nextLine, NEWLINE, numberAt, SPACE } from '../text.ts';
import { found, value, type Source } from './source.ts';

/** The kernel gives a page at a time, which is some 30 devices. */
const PAGE_BYTES = 4096;
/** With counters of twenty digits. */
const LONGEST_LINE = 400;
const HEADER_LINES = 2;
const COLON = ':'.charCodeAt(0);

/** proc_net(5). Opened, it holds the network namespace as a process in it would. */
export const network: Source = {
  pathOf: ({ pid }) => (pid === null ? '' : `/proc/${pid}/net/dev`),
  bytes: PAGE_BYTES - LONGEST_LINE,
  take: (bytes, start, end, reading) => {
    deviceSums(bytes, start, end, found);
    reading.netReceivedBytes = value(0);
    reading.netReceivedPackets = value(1);
    reading.netReceiveErrors = value(2);
    reading.netReceiveDrops = value(3);
    reading.netSentBytes = value(4);
    reading.netSentPackets = value(5);
    reading.netSendErrors = value(6);
    reading.netSendDrops = value(7);
  },
};

/** False where a process shares ours, whose traffic is the host's and not its own; also where it has ended. */
export function hasOwnNetwork(pid: number): boolean {
  const theirs = unlessEnded(() => statSync(`/proc/${pid}/ns/net`).ino);
  return theirs !== null && theirs !== statSync('/proc/self/ns/net').ino;
}

/**
 * Sums over devices without loopback: bytes, packets, errors, drops received, and the same sent. A line is
 * `  eth0: bytes packets errs drop fifo frame compressed multicast`, and eight numbers more for what was sent.
 */
export function deviceSums(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
  into.fill(0);
  let line = start;
  for (let i = 0; i < HEADER_LINES; i++) line = nextLine(bytes, line, end);
  for (; line < end; line = nextLine(bytes, line, end)) {
    let i = skipSpaces(bytes, line);
    const isLoopback = bytes[i] === 108 && bytes[i + 1] === 111 && bytes[i + 2] === COLON;
    if (isLoopback) continue;
    while (i < end && bytes[i] !== COLON) i++;
    i++;
    for (let field = 0; field < 12; field++) {
      i = skipSpaces(bytes, i);
      const which = field < 4 ? field : field - 4;
      if (field < 4 || field >= 8) into[which] = (into[which] ?? 0) + numberAt(bytes, i);
      while (i < end && bytes[i] !== SPACE && bytes[i] !== NEWLINE) i++;
    }
  }
}

function skipSpaces(bytes: Uint8Array, start: number): number {
  let i = start;
  while (bytes[i] === SPACE) i++;
  return i;
}
