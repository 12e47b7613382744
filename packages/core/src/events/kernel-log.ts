import { closeSync, constants, openSync, readSync } from 'node:fs';
import { EPOLL } from '../abi/epoll.ts';
import { tryCall } from '../program/call.ts';
import type { EventLoop } from './event-loop.ts';

const SEEK_END = 2;
/** A record is at most 8 KiB with its prefix (CONSOLE_EXT_LOG_MAX); one read gives one. */
const RECORD_BYTES = 8192;
/** At one time: containers can have the kernel log as fast as it is read. What is left makes the descriptor ready again. */
const MOST_RECORDS = 64;

/** What the kernel logs from now on (/dev/kmsg, Documentation/ABI/testing/dev-kmsg). */
export class KernelLog implements Disposable {
  readonly #fd: number;
  readonly #readable: Disposable;
  readonly #record = Buffer.alloc(RECORD_BYTES);

  /** `take` is given the message of each record. */
  private constructor(loop: EventLoop, fd: number, take: (message: string) => void) {
    this.#fd = fd;
    tryCall('lseek', fd, 0, SEEK_END);
    this.#readable = loop.watch("the kernel's log", fd, EPOLL.EPOLLIN, () => {
      for (let i = 0; i < MOST_RECORDS; i++) {
        const record = this.#read();
        if (record === null) return;
        // `6,2015,3493104926,-;message`, and lines of properties.
        const message = record.slice(record.indexOf(';') + 1);
        take(message.slice(0, message.indexOf('\n')));
      }
    });
  }

  /** Null: it may not be read (CAP_SYSLOG). */
  static open(loop: EventLoop, take: (message: string) => void): KernelLog | null {
    let fd: number;
    try {
      fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    return new KernelLog(loop, fd, take);
  }

  /** Null: no more for now. */
  #read(): string | null {
    try {
      return this.#record.toString('utf8', 0, readSync(this.#fd, this.#record));
    } catch (error) {
      // EPIPE: records were overwritten before they were read; the next read gives the oldest that is left.
      return (error as NodeJS.ErrnoException).code === 'EPIPE' ? ';\n' : null;
    }
  }

  [Symbol.dispose](): void {
    this.#readable[Symbol.dispose]();
    closeSync(this.#fd);
  }
}
