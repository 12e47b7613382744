import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** Past this a log becomes `log.1`, and the one before that is gone: a container's output takes at most twice as much. */
const ROTATE_AT_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

export type Stream = 'stdout' | 'stderr';

/**
 * A container's output, both streams in the order that they were read, in the format of Kubernetes' CRI:
 *
 *   2026-01-31T23:59:59.123456000Z stdout F a whole line
 *   2026-01-31T23:59:59.223456000Z stderr P a part, whose line goes on in this stream's next entry
 */
export class LogFile implements Disposable {
  readonly #path: string;
  /** Null until something is written: most short-lived containers say nothing. */
  #fd: number | null = null;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Appends what was read at one time. The bytes are kept as they are, valid UTF-8 or not. */
  append(stream: Stream, bytes: Uint8Array): void {
    const whole = Buffer.from(`${timestamp()} ${stream} F `);
    const part = Buffer.from(`${timestamp()} ${stream} P `);
    const pieces: Uint8Array[] = [];
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      pieces.push(newline < 0 ? part : whole, bytes.subarray(start, end), LINE_END);
      start = end + 1;
    }
    const text = Buffer.concat(pieces);
    let fd = (this.#fd ??= this.#open());
    if (this.#size > 0 && this.#size + text.length > ROTATE_AT_BYTES) fd = this.#rotate(fd);
    this.#size += text.length;
    for (let written = 0; written < text.length;) written += writeSync(fd, text, written);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #open(): number {
    const fd = openSync(this.#path, 'a', 0o640);
    this.#size = fstatSync(fd).size;
    return fd;
  }

  #rotate(fd: number): number {
    closeSync(fd);
    renameSync(this.#path, `${this.#path}.1`);
    return (this.#fd = this.#open());
  }
}

const LINE_END = Buffer.from('\n');

/** The clock may be set, or the machine may sleep, in this process's life. */
const MOST_DRIFT_MS = 100;
let originMs = performance.timeOrigin;

/** RFC 3339 with nine digits of a second, of which the clock gives six. */
function timestamp(): string {
  const sinceMs = performance.now();
  const wallMs = Date.now();
  if (Math.abs(originMs + sinceMs - wallMs) >= MOST_DRIFT_MS) originMs = wallMs - sinceMs;
  const now = originMs + sinceMs;
  const micros = String(Math.floor((now % 1) * 1000)).padStart(3, '0');
  return `${new Date(now).toISOString().slice(0, -1)}${micros}000Z`;
}
